import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One copy of graphql: without this the tests and the libraries each load their own.
  ssr: { resolve: { conditions: ['module', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgresServer.ts'],
    testTimeout: 30_000,
  },
});
