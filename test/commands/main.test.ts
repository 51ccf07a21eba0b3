import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { envName, flagName, SETTINGS, type SettingName } from '../../src/config.ts';
import { run } from './program.ts';

const NAMES = Object.keys(SETTINGS) as SettingName[];

test('--version prints the version of the package, and nothing else', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help names every command and every environment variable', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  for (const command of ['serve', 'demo', 'inspect', 'watch', 'copy', 'schema', 'start'])
    expect(stdout).toContain(`\n  ${command} `);
  for (const name of NAMES) expect(stdout).toContain(envName(name));
});

test.each(['serve', 'demo', 'start'])(
  '%s --help tells of each setting its flag, its variable and its default',
  async (command) => {
    const { code, stdout } = await run([command, '--help'], { variables: { COLUMNS: '200' } });
    const words = stdout.replace(/\s+/g, ' ');
    expect(code).toBe(0);
    for (const name of NAMES) {
      expect(words).toContain(`${flagName(name)} <${SETTINGS[name].placeholder}> ${SETTINGS[name].description}`);
      expect(words).toContain(`env: ${envName(name)}`);
    }
    expect(words).toContain('(default: 4000, env: DAGLOUPE_PORT)');
  },
);

test.each([
  [['serv'], "unknown command 'serv'"],
  [['serve', '--prot', '1'], "unknown option '--prot'"],
  [['serve', 'a.db', 'b.db'], 'too many arguments'],
  [['serve', '--port'], "option '--port <number>' argument missing"],
  [['serve', '--port', 'x'], '--port is "x": expected a whole number from 0 to 65535'],
  [['start', '4001'], 'npm kept that to itself: npm start -- --port 4001'],
  [['inspect'], "missing required argument 'FILE'"],
  [['inspect', 'a.db', '--limit', '0'], 'Give a whole number from 1 to 999999'],
  [['inspect', 'a.db', '--json', '--text'], "option '--json' cannot be used with option '--text'"],
])('dagloupe %j is wrong usage: one line that says what is wrong, and exit code 2', async (args, message) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^dagloupe: [^\n]+\n$/);
  expect(stderr).toContain(message);
});

test('a wrong environment variable is wrong usage too, and is named', async () => {
  const { code, stderr } = await run(['serve'], { variables: { DAGLOUPE_PORT: 'eighty' } });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'dagloupe: DAGLOUPE_PORT is "eighty": expected a whole number from 0 to 65535.\n',
  });
});

test('without a command it prints the help, and exit code 2 tells scripts that nothing was done', async () => {
  const { code, stdout, stderr } = await run([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: dagloupe/);
});

test('--verbose adds where in the program a failure came from', async () => {
  const { code, stderr } = await run(['inspect', 'no-such-file.db', '--verbose']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^dagloupe: no-such-file.db does not exist[^\n]*\nFault: .*\n {4}at /);
});
