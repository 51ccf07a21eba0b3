import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../../src/store/embedded/connection.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { damage } from '../support/damage.ts';
import { completed, created, started } from '../support/events.ts';
import { temporaryFolder } from '../support/folder.ts';
import { OtherProcess } from '../support/otherProcess.ts';

let folder: string;
let path: string;
const open: Store[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'runs.db');
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await rm(folder, { recursive: true });
});

async function openAt(place: string): Promise<Store> {
  const { store } = await openStore(place);
  open.push(store);
  return store;
}

/** A closed file with so many runs, each with a node and its output. */
async function makeStore(runs = 1): Promise<void> {
  const { store } = await openStore(path);
  await store.record(
    Array.from({ length: runs }, (_, i) => [
      created(`run ${i}`),
      started(`run ${i}`, 'a'),
      completed(`run ${i}`, 'a', { outputJson: JSON.stringify('x'.repeat(1_000)) }),
    ]).flat(),
  );
  await store.close();
}

/** A fault with a message that names the file. */
const fault = (code: string, message: RegExp) => ({ name: 'Fault', code, message: expect.stringMatching(message) });

const runIds = async (store: Store): Promise<string[]> =>
  (await store.runPage({}, { limit: 100_000 })).map(({ runId }) => runId);

describe('A path that leads to no store', () => {
  test.each([
    ['a short text', 'hello'],
    ['a long text', 'hello\n'.repeat(1_000)],
    ['zeros', '\0'.repeat(10_000)],
    ['something that begins like a SQLite file', `SQLite format 3\0${'?'.repeat(5_000)}`],
  ])('because %s is there, is told so, and what is there stays', async (_, contents) => {
    writeFileSync(path, contents);
    await expect(openStore(path)).rejects.toMatchObject(
      fault('STORE_CORRUPT', /runs\.db: it is not a SQLite file; give/),
    );
    expect(readFileSync(path, 'utf8')).toBe(contents);
  });

  test('because a folder is there, is told so', async () => {
    await expect(openStore(folder)).rejects.toMatchObject(
      fault('BAD_REQUEST', /is a folder; give the path of a file in it/),
    );
  });

  test('because its folder does not exist, is told so', async () => {
    await expect(openStore(join(folder, 'no', 'where', 'runs.db'))).rejects.toMatchObject(
      fault('STORE_UNAVAILABLE', /where\/runs\.db: its folder does not exist; make it first/),
    );
  });

  test('because a file is where its folder should be, is told so', async () => {
    writeFileSync(path, '');
    await expect(openStore(join(path, 'runs.db'))).rejects.toMatchObject(
      fault('STORE_UNAVAILABLE', /runs\.db\/runs\.db: it cannot be opened; look at the path/),
    );
  });

  test('because a device is there, is told so', async () => {
    await expect(openStore('/dev/null')).rejects.toMatchObject(fault('BAD_REQUEST', /\/dev\/null is not a file/));
  });

  test('because another program’s SQLite file is there, is told so', async () => {
    const db = new Connection(path, { create: true });
    db.script('CREATE TABLE songs (title TEXT)');
    db.close();
    await expect(openStore(path)).rejects.toMatchObject(
      fault('BAD_REQUEST', /something else \(its tables: songs\); give/),
    );
  });

  test('because it is a URL, is told so, without the password in it', async () => {
    const refused = openStore('mysql://ada:secret@localhost/runs');
    await expect(refused).rejects.toMatchObject(fault('BAD_REQUEST', /is a URL; give the path of a file/));
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  test.each(['runs.db ', 'runs.db\n', 'ru\0ns.db'])(
    'because it is called %j, is told so, and nothing is made',
    async (name) => {
      await expect(openStore(join(folder, name))).rejects.toMatchObject(
        fault('BAD_REQUEST', /ends in white space or holds a NUL; give another/),
      );
      expect(existsSync(path) || existsSync(join(folder, 'ru'))).toBe(false);
    },
  );
});

test('An empty file becomes a store', async () => {
  writeFileSync(path, '');
  expect(await (await openAt(path)).record([created('r')])).toMatchObject({ ok: true });
});

describe('A name that SQLite could take for something else is the name of a file', () => {
  test.each([
    'with spaces.db',
    ' a leading space',
    'ünïcödé 🂱 → .db',
    'quotes\'"`.db',
    'runs.db?mode=ro',
    'runs.db#x',
    '100%25.db',
    'file:runs.db',
    'file:runs.db?mode=memory',
    ':memory:',
    '-v',
    '~',
    'no-extension',
    'x'.repeat(200),
  ])('%s', async (name) => {
    const place = join(folder, name);
    const store = await openAt(place);
    await store.record([created('r')]);
    expect(store.location).toBe(place);
    expect(statSync(place).isFile()).toBe(true);
    expect(await runIds(await openAt(place))).toEqual(['r']);
  });

  test('also when it is relative to the folder one is in', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const name of [':memory:', 'file:runs.db?mode=memory', 'runs.db']) {
        await (await openAt(name)).record([created('r')]);
        expect(statSync(join(folder, name)).isFile()).toBe(true);
      }
    } finally {
      process.chdir(before);
    }
  });
});

describe('A symbolic link', () => {
  test('leads to the same store as the file, also at the same time', async () => {
    const link = join(folder, 'link.db');
    symlinkSync(path, link);
    const byLink = await openAt(link);
    const byPath = await openAt(path);
    await byLink.record([created('a')]);
    await byPath.record([created('b')]);
    expect((await runIds(byLink)).toSorted()).toEqual(['a', 'b']);
    expect((await runIds(byPath)).toSorted()).toEqual(['a', 'b']);
    expect(existsSync(`${link}-wal`)).toBe(false);
  });

  test('that is turned elsewhere is noticed before the next write', async () => {
    const link = join(folder, 'link.db');
    symlinkSync(path, link);
    const store = await openAt(link);
    await store.record([created('a')]);
    rmSync(link);
    symlinkSync(join(folder, 'other.db'), link);
    await openAt(join(folder, 'other.db'));
    await expect(store.record([created('b')])).rejects.toMatchObject(
      fault('STORE_UNAVAILABLE', /link\.db was replaced/),
    );
  });
});

describe('A file that is taken away while it is open', () => {
  test('takes no more events, until it is put back', async () => {
    const store = await openAt(path);
    await store.record([created('a')]);
    renameSync(path, join(folder, 'away.db'));
    const gone = fault('STORE_UNAVAILABLE', /runs\.db is no longer there; put it back/);
    await expect(store.record([created('b')])).rejects.toMatchObject(gone);
    await expect(async () => store.check()).rejects.toMatchObject(gone);
    renameSync(join(folder, 'away.db'), path);
    expect(await store.record([created('b')])).toEqual({ ok: true, changed: [true] });
    expect((await runIds(await openAt(path))).toSorted()).toEqual(['a', 'b']);
  });

  test('and replaced takes no more events, and the new one is left alone', async () => {
    const store = await openAt(path);
    await store.record([created('a')]);
    const other = join(folder, 'other.db');
    const replacement = await openAt(other);
    await replacement.record([created('b')]);
    await replacement.close();
    renameSync(other, path);
    const before = readFileSync(path);
    await expect(store.record([created('c')])).rejects.toMatchObject(
      fault('STORE_UNAVAILABLE', /runs\.db was replaced by another file; put it back/),
    );
    await store.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('and deleted is no reason to fail while closing', async () => {
    const store = await openAt(path);
    await store.record([created('a')]);
    for (const end of ['', '-wal', '-shm']) rmSync(path + end);
    await expect(store.record([created('b')])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.close();
  });
});

describe('A file that is damaged', () => {
  test('by cutting it off is told as such', async () => {
    await makeStore(100);
    truncateSync(path, Math.floor(statSync(path).size / 2));
    await expect(openStore(path)).rejects.toMatchObject(
      fault('STORE_CORRUPT', /runs\.db: the file is damaged; restore/),
    );
  });

  test('in a page is told as such by the reads and writes that meet it, and by no others', async () => {
    await makeStore(100);
    damage(path, ({ name, pagetype }) => name === 'node_payloads' && pagetype === 'leaf');
    const store = await openAt(path);
    const damaged = fault('STORE_CORRUPT', /runs\.db: the file is damaged; restore it from a copy/);
    const key = { runId: 'run 1', nodeLabel: 'a' };
    await expect(async () => store.nodePayloads([key])).rejects.toMatchObject(damaged);
    expect(await store.nodesByKeys([key])).toHaveLength(1);
    await expect(store.record([completed('run 1', 'a')])).rejects.toMatchObject(damaged);
    expect(await store.record([created('new')])).toEqual({ ok: true, changed: [true] });
    await expect(async () => store.nodePayloads([key])).rejects.toMatchObject(damaged);
  });

  test('in its first page is told as such when it is opened', async () => {
    await makeStore();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 0, 100);
    writeFileSync(path, bytes);
    await expect(openStore(path)).rejects.toMatchObject(fault('STORE_CORRUPT', /runs\.db: it is not a SQLite file/));
  });

  test('in the log beside it loses no more than what the log alone held', async () => {
    const store = await openAt(path);
    await store.record([created('a')]);
    // By another process: this one would let go of the file's locks.
    spawnSync('cp', [path, join(folder, 'copy.db')]);
    writeFileSync(join(folder, 'copy.db-wal'), Buffer.alloc(8_000, 7));
    const copy = await openAt(join(folder, 'copy.db'));
    expect(await runIds(copy)).toEqual([]);
    expect(await copy.record([created('b')])).toEqual({ ok: true, changed: [true] });
  });
});

describe('A user without the right', () => {
  let nobody: OtherProcess;
  beforeEach(async () => {
    nobody = await OtherProcess.start({ asNobody: true });
    chmodSync(folder, 0o777);
  });
  afterEach(async () => {
    await nobody.end();
    chmodSync(folder, 0o777);
  });

  test('to read the file is told so', async () => {
    await makeStore();
    chmodSync(path, 0o000);
    await expect(nobody.open(path)).rejects.toMatchObject(
      fault('STORE_UNAVAILABLE', /runs\.db: it cannot be opened; look at the path and its permissions/),
    );
  });

  test.each([
    ['to write into the folder', 0o555],
    ['to look into the folder', 0o000],
  ])('%s is told so', async (_, mode) => {
    chmodSync(folder, mode);
    await expect(nobody.open(path)).rejects.toMatchObject(
      fault('STORE_UNAVAILABLE', /runs\.db: it cannot be opened; look/),
    );
  });

  test('to write the file reads, and is told so when recording', async () => {
    await makeStore();
    chmodSync(path, 0o444);
    await nobody.open(path);
    expect(await nobody.runIds()).toEqual(['run 0']);
    await expect(nobody.record([created('r')])).rejects.toMatchObject(
      fault('READ_ONLY_STORE', /runs\.db: it cannot be written; look at the permissions of the file and its folder/),
    );
  });
});

/** A file system of two megabytes, if one may be made here. */
function mountSmallDisk(at: string): boolean {
  mkdirSync(at);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', at]).status === 0;
}

describe('A full disk', () => {
  let disk: string;
  beforeEach((context) => {
    disk = join(folder, 'disk');
    if (!mountSmallDisk(disk)) context.skip('needs the right to mount a small file system');
    path = join(disk, 'runs.db');
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    spawnSync('umount', [disk]);
  });

  const full = fault('STORE_FULL', /runs\.db: the disk is full; nothing was written: make room and try again/);

  test('refuses what does not fit, keeps what was acknowledged, and goes on when there is room', async () => {
    const store = await openAt(path);
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(500_000));
    const batch = (i: number) => [
      created(`run ${i}`),
      ...Array.from({ length: 20 }, (_, n) =>
        started(`run ${i}`, `node ${n}`, { inputJson: JSON.stringify('x'.repeat(2_000)) }),
      ),
    ];
    const acknowledged: string[] = [];
    let refusal: unknown = null;
    for (let i = 0; i < 200 && !refusal; i++) {
      await store.record(batch(i)).then(
        () => acknowledged.push(`run ${i}`),
        (error: unknown) => {
          refusal = error;
        },
      );
    }
    expect(refusal).toMatchObject(full);
    expect(acknowledged.length).toBeGreaterThan(2);

    const whole = async (reader: Store): Promise<void> => {
      expect((await runIds(reader)).toSorted()).toEqual(acknowledged.toSorted());
      const counts = await reader.nodeCounts(acknowledged);
      expect(counts.map(({ count }) => count)).toEqual(acknowledged.map(() => 20));
    };
    await whole(store);

    rmSync(filler);
    expect(await store.record(batch(200))).toMatchObject({ ok: true });
    acknowledged.push('run 200');
    await whole(store);
    await store.close();
    await whole(await openAt(path));
    const db = new Connection(path);
    expect(db.pragma('integrity_check')).toBe('ok');
    db.close();
  });

  test('refuses a batch that is larger than it, and takes the small ones beside it', async () => {
    const store = await openAt(path);
    const huge = JSON.stringify('x'.repeat(4_000_000));
    const answers = await Promise.allSettled([
      store.record([created('a')]),
      store.record([created('b'), started('b', 'n', { inputJson: huge })]),
      store.record([created('c')]),
    ]);
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: full },
      { status: 'fulfilled' },
    ]);
    expect((await runIds(store)).toSorted()).toEqual(['a', 'c']);
  });

  test('has no place for a new store, until there is room', async () => {
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024 - 4_096));
    await expect(openStore(path)).rejects.toMatchObject({ name: 'Fault', code: 'STORE_FULL' });
    rmSync(filler);
    expect(await (await openAt(path)).record([created('r')])).toMatchObject({ ok: true });
  });
});
