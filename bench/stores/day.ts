/**
 * What the big stores hold: the same day of a thousand runs again and again, so that pages of them have the same length and
 * the same kind of rows at every size; and beside it, once, what is read by name.
 */
import { RUN_ENDS, type RunEnd, type RunEvent } from '../../src/model.ts';
import { runEvents, type Shape, uuidOf } from '../sample.ts';

export const RUNS_A_DAY = 1_000;
export const DAY_SECONDS = 86_400;

/** When the first day begins, in seconds since the epoch. The last of a thousand days is before 2026. */
export const FIRST_DAY = 1_672_531_200;

/** Events of one tree, which are recorded as one batch. */
export type Batch = readonly RunEvent[];

/** A root, and a map of three parts. */
const SMALL: Shape = { nodes: 2, composites: 1, width: 3, levels: 2, payloadBytes: 60 };
const TREES_A_DAY = RUNS_A_DAY / (1 + SMALL.width);

/** The first day. */
export function* firstDay(): Generator<Batch> {
  for (let tree = 0; tree < TREES_A_DAY; tree++) {
    const startedAt = FIRST_DAY + (tree * DAY_SECONDS) / 256;
    yield [
      ...runEvents(rootOfFirstDay(tree), SMALL, startedAt, {
        dagNsref: `area_${tree % 2}:job_${tree % 8}`,
        initiatedBy: tree % 3 === 0 ? `user-${String(tree % 100).padStart(2, '0')}` : 'scheduler',
        end: endOf(tree),
      }),
    ];
  }
}

/** The root of a tree of the first day, by its place in it. */
export function rootOfFirstDay(tree: number): string {
  return uuidOf(`tree ${tree}`);
}

function endOf(tree: number): RunEnd {
  return RUN_ENDS[tree % 10 === 1 ? 1 : tree % 10 === 2 ? 2 : 0];
}

/** The id that a run of the first day has on another. As with ids of runners, its order tells nothing of its age. */
export function idOn(day: number, runId: string): string {
  const first = (Number.parseInt(runId.slice(0, 8), 16) + Math.imul(day, 0x9e3779b1)) >>> 0;
  return first.toString(16).padStart(8, '0') + runId.slice(8);
}

const PEERS = { nodes: 8, composites: 1, payloadBytes: 200 };

/** Trees of the same size: 121 runs, 968 nodes, 847 edges, 1,936 objects in all. */
export const TREES = {
  /** Runs inside runs inside runs. */
  narrow: { ...PEERS, width: 3, levels: 5 },
  /** One map of many parts. */
  wide: { ...PEERS, width: 120, levels: 2 },
  /** No sub-runs, but nodes with much to show. */
  hundred: { nodes: 100, composites: 0, width: 0, levels: 1, payloadBytes: 2_000 },
} as const satisfies Record<string, Shape>;

export type TreeName = keyof typeof TREES;

export function rootOf(tree: TreeName): string {
  return uuidOf(tree);
}

/** What is there once, whatever the number of days: trees, and the oldest and newest runs of all. */
export function* beside(days: number): Generator<Batch> {
  const end = FIRST_DAY + days * DAY_SECONDS;
  for (const tree of ['narrow', 'wide', 'hundred'] as const) {
    yield [...runEvents(rootOf(tree), TREES[tree], FIRST_DAY + DAY_SECONDS / 2, { dagNsref: `bench:${tree}` })];
  }
  const alone = { ...SMALL, levels: 1 };
  for (let run = 0; run < 100; run++) {
    const who = { initiatedBy: `import-${String(run).padStart(2, '0')}` };
    yield [...runEvents(uuidOf(`import ${run}`), alone, FIRST_DAY - 1_000 + run, { dagNsref: 'bench:import', ...who })];
  }
  for (let run = 0; run < 50; run++) {
    yield [...runEvents(uuidOf(`running ${run}`), alone, end + run, { dagNsref: 'bench:active', end: null })];
  }
}
