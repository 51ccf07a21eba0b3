import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const STORE = new URL('../../../src/store/', import.meta.url);

/** SQLite looks at a number behind LIMIT to choose its plan, and so plans anew whenever a parameter there is filled in. */
const PARAMETER_ALONE = /LIMIT (@\w+\b|\?|\$\{bind\([^}]*\)\})(?! \+)/g;

test.each(['sqlite', 'embedded', 'lythonic'])('no statement of %s has a parameter alone behind LIMIT', (folder) => {
  const files = readdirSync(new URL(`${folder}/`, STORE)).filter((name) => name.endsWith('.ts'));
  const found = files.flatMap((name) => [
    ...readFileSync(new URL(`${folder}/${name}`, STORE), 'utf8').matchAll(PARAMETER_ALONE),
  ]);
  expect(found.map(([text]) => text)).toEqual([]);
});
