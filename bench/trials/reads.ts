import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphql } from 'graphql';
import { createContext } from '../../src/schema/context.ts';
import { schema } from '../../src/schema/index.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { openFloor } from '../floor.ts';
import type { Trial } from '../measure.ts';
import { runEvents, TREE } from '../sample.ts';

const RUN = 'runId dagNsref status startedAt finishedAt';
const NODES = 'nodeLabel status startedAt finishedAt';
const EDGES = 'edges { upstreamLabel downstreamLabel traversedAt }';
const level = (inner: string): string => `${RUN} nodes { ${NODES} ${inner} } ${EDGES}`;
const TREE_QUERY = `{ dagRun(runId: "root") { ${level(`subDags { key run { ${level(`subDags { key run { ${level('')} } }`)} } }`)} } }`;
const LIST_QUERY = `{ dagRuns(first: 50) { nodes { ${RUN} } } }`;

/** Reads in this process, against the floor, in a file of a thousand runs beside the one that is read. */
export async function* reads(): AsyncGenerator<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'dagloupe-bench-'));
  const path = join(folder, 'runs.db');
  const store = await openSqliteStore(path);
  await store.record([...runEvents('root', TREE, 1_000)]);
  for (let run = 0; run < 1_000; run++) {
    await store.record([...runEvents(`other ${run}`, { ...TREE, levels: 1 }, 2_000 + run)]);
  }
  const floor = openFloor(path);
  const ask = async (source: string): Promise<string> =>
    JSON.stringify(await graphql({ schema, source, contextValue: createContext({ store, version: 'bench' }) }));

  const answered = JSON.parse(await ask(TREE_QUERY));
  if (answered.errors) throw new Error(JSON.stringify(answered.errors));
  yield {
    name: `nested tree, ${floor.tree('root').length} bytes`,
    subjects: [
      { name: 'floor', run: () => floor.tree('root') },
      { name: 'dagloupe, in process', run: () => ask(TREE_QUERY) },
    ],
  };
  yield {
    name: 'list page of 50',
    subjects: [
      { name: 'floor', run: () => floor.list(50) },
      { name: 'dagloupe, in process', run: () => ask(LIST_QUERY) },
    ],
  };
  floor.close();
  await store.close();
  await rm(folder, { recursive: true });
}
