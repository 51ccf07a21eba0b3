/** What `inspect` shows in a terminal. */
import { styleText } from 'node:util';
import type { RecentRunsQuery } from '../../client/gql/graphql.ts';
import { fork, hiddenWord, labelWord, partWord } from './branches.ts';
import { columns, dim, printable } from './columns.ts';
import type { NodeTree, RunTree } from './runTree.ts';
import { durationWord, errorBlock, errorLine, statusWord, timeWord } from './words.ts';

type RecentRun = RecentRunsQuery['dagRuns']['nodes'][number];

/** Runs as a table, one in each line. */
export function runTable(runs: readonly RecentRun[]): string {
  if (runs.length === 0) return 'There are no runs in it, or only sub-runs whose parents are gone.\n';
  const rows = runs.map((run) => [
    printable(run.runId),
    printable(run.dagNsref),
    statusWord(run),
    timeWord(run.startedAt),
    durationWord(run.durationMs),
    `${run.nodeCounts.completed + run.nodeCounts.skipped}/${run.nodeCounts.total}`,
  ]);
  return columns([['RUN', 'DAG', 'STATUS', 'STARTED', 'DURATION', 'NODES DONE'].map(dim), ...rows]);
}

/** A run as a tree: its nodes, and under composite nodes what ran inside them. With `full`, errors are shown whole, and what the nodes got that failed. */
export function runTree(run: RunTree, full: boolean): string {
  const lines: Line[] = [];
  addNodes(run, '', lines);
  return `${runHeading(run).join('\n')}\n\n${lines.length > 0 ? render(lines, full) : 'It has no nodes.\n'}`;
}

type RunHeading = Pick<
  RunTree,
  'runId' | 'dagNsref' | 'status' | 'statusText' | 'startedAt' | 'durationMs' | 'initiatedBy'
>;

/** Two lines about a run as a whole. */
export function runHeading(run: RunHeading): string[] {
  const who = run.initiatedBy === null ? '' : `, by ${printable(run.initiatedBy)}`;
  return [
    `${styleText('bold', printable(run.dagNsref))}  ${statusWord(run)}  ${durationWord(run.durationMs)}`,
    dim(`${printable(run.runId)}, started ${timeWord(run.startedAt)}${who}`),
  ];
}

interface Line {
  /** Branches of the tree in front of this line, and in front of what is under it. */
  readonly branch: string;
  readonly below: string;
  readonly cells: readonly string[];
  readonly error?: string | null;
  /** What a node got that failed. */
  readonly input?: string | null | undefined;
}

function render(lines: readonly Line[], full: boolean): string {
  const rows = lines.map(({ branch, cells: [name = '', ...others], error }) => [
    dim(branch) + name,
    ...others,
    ...(error != null && !full ? [errorLine(error)] : []),
  ]);
  const texts = columns(rows).split('\n');
  return lines
    .map(({ below, error, input }, index) => {
      if (error == null || !full) return `${texts[index]}\n`;
      return `${texts[index]}\n${errorBlock(error, below)}${input == null ? '' : errorBlock(`input: ${input}`, below)}`;
    })
    .join('');
}

function addNodes(run: RunTree, indent: string, lines: Line[]): void {
  for (const [index, node] of run.nodes.entries()) {
    const [branch, below] = fork(indent, index === run.nodes.length - 1);
    const cells = [labelWord(node.nodeLabel), statusWord(node), durationWord(node.durationMs)];
    lines.push({ branch, below, cells, error: node.error, input: node.io?.inputJson });
    addSubDags(node, below, lines);
  }
}

function addSubDags(node: NodeTree, indent: string, lines: Line[]): void {
  const runs = node.subDags.flatMap(({ key, run, earlierRuns }) => {
    const name = partWord(key, node.nodeLabel);
    return [
      { name, run },
      ...earlierRuns.map((earlier) => ({ name: `${name} ${dim(EARLIER)}`, run: asEarlier(earlier) })),
    ];
  });
  const shown = runs.map(({ run }) => run);
  const hidden = countHidden(node, shown);
  for (const [index, { name, run }] of runs.entries()) {
    const [branch, below] = fork(indent, index === runs.length - 1 && hidden === '');
    lines.push({ branch, below, cells: [name, statusWord(run), durationWord(run.durationMs)] });
    addNodes(run, below, lines);
  }
  if (hidden !== '') {
    const [branch, below] = fork(indent, true);
    lines.push({ branch, below, cells: [dim(hidden)] });
  }
}

const EARLIER = '(before a restart)';

/** Of what ran before a restart, what went wrong is worth a look: the rest has run again. */
function asEarlier(run: RunTree): RunTree {
  return run.status === 'COMPLETED' ? { ...run, nodes: [] } : run;
}

const STATUSES = ['running', 'paused', 'completed', 'failed', 'cancelled', 'unknown'] as const;

/** Which sub-runs of a node are not shown. */
function countHidden({ subDagCounts }: NodeTree, shown: readonly RunTree[]): string {
  return hiddenWord(
    STATUSES.map((status) => {
      const count = subDagCounts[status] - shown.filter((run) => run.status.toLowerCase() === status).length;
      return [status, count];
    }),
  );
}
