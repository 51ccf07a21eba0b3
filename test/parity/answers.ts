/** The questions of lythonic, put to dagloupe's GraphQL, and its answers in the shapes of lythonic's. */
import { createHash } from 'node:crypto';
import { execute, parse, validate } from 'graphql';
import { createContext } from '../../src/schema/context.ts';
import { schema } from '../../src/schema/index.ts';
import type { Store } from '../../src/store/store.ts';
import { runOf } from './rows.ts';
import { type Lists, type Row, type RunAnswers, shownText, type Told } from './told.ts';

const RUN = 'runId dagNsref parentRunId statusText startedAt finishedAt initiatedBy';

/** A run with its nodes, and their sub-runs as deep as any fixture goes. */
function nested(depth: number): string {
  const inside = depth > 0 ? `subDags { key run { ${nested(depth - 1)} } }` : 'subDags { key }';
  return `${RUN} nodes {
    nodeLabel statusText isSource isSink startedAt finishedAt error edges { downstreamLabel traversedAt } ${inside}
  }`;
}

const INSPECTED = document(`query ($runId: ID!) { dagRun(runId: $runId) { ${nested(5)} } }`);

const ABOUT_RUN = document(`query ($runId: ID!, $since: DateTime, $first: [String!]) {
  dagRun(runId: $runId) {
    ${RUN} latestUpdate io { inputJson outputJson }
    nodes { nodeLabel statusText isSource isSink startedAt finishedAt error io { inputJson outputJson } }
    pendingNodes { nodeLabel }
    edges { upstreamLabel downstreamLabel traversedAt }
    changed: nodes(changedSince: $since) { nodeLabel }
    first: nodes(labels: $first) { nodeLabel io { inputJson outputJson } }
    descendants(first: 1000) { nodes { runId } }
  }
  below: dagRuns(first: 1000, filter: { parentRunId: $runId }) { nodes { runId startedAt descendants(first: 1000) { nodes { runId startedAt } } } }
}`);

const LIST = document(`query ($limit: Int, $statuses: [DagRunStatus!]) {
  dagRuns(first: $limit, filter: { parentRunId: null, statuses: $statuses }) { nodes { runId } }
}`);

const ACTIVE = document('{ activeRuns(first: 100, filter: { parentRunId: null }) { nodes { runId } } }');

const ROOTS = document('{ dagRuns(first: 1000) { nodes { runId } } }');

interface Io {
  inputJson: string | null;
  outputJson: string | null;
}
interface Run {
  runId: string;
  dagNsref: string;
  parentRunId: string | null;
  statusText: string;
  startedAt: string;
  finishedAt: string | null;
  initiatedBy: string | null;
}
interface Node {
  nodeLabel: string;
  statusText: string;
  isSource: boolean;
  isSink: boolean;
  startedAt: string | null;
  finishedAt: string | null;
  error: string | null;
}
interface Nested extends Run {
  nodes: (Node & {
    edges: { downstreamLabel: string; traversedAt: string }[];
    subDags: { key: string; run: Nested }[];
  })[];
}
interface Full extends Run {
  latestUpdate: string;
  io: Io;
  nodes: (Node & { io: Io })[];
  pendingNodes: { nodeLabel: string }[];
  edges: { upstreamLabel: string; downstreamLabel: string; traversedAt: string }[];
  changed: { nodeLabel: string }[];
  first: { nodeLabel: string; io: Io }[];
  descendants: { nodes: { runId: string }[] };
}
interface Below {
  nodes: { runId: string; startedAt: string; descendants: { nodes: { runId: string; startedAt: string }[] } }[];
}

/** Answers to all questions that were put to lythonic about one run. */
export async function answersAboutRun(store: Store, told: Told, runId: string): Promise<RunAnswers> {
  const firstRow = told.rows.node_executions?.find((node) => node.run_id === runId);
  const { dagRun, below } = await ask<{ dagRun: Full | null; below: Below }>(store, ABOUT_RUN, {
    runId,
    since: runOf(told, runId)?.started_at,
    first: firstRow ? [firstRow.node_label] : [],
  });
  const inspected = (await ask<{ dagRun: Nested | null }>(store, INSPECTED, { runId })).dagRun;
  return {
    get_child_runs: dagRun ? dagRun.descendants.nodes.map(({ runId }) => runId) : childrenOfMissing(below),
    ...(dagRun && inspected ? aboutRun(dagRun, inspected, told) : NOTHING),
  };
}

const NOTHING: RunAnswers = {
  get_run: null,
  get_node_executions: [],
  get_pending_nodes: [],
  get_node_output: [],
  get_edge_traversals: [],
  inspect_run: null,
};

function aboutRun(run: Full, inspected: Nested, told: Told): RunAnswers {
  const loadedIo = (nodes: readonly { nodeLabel: string; io: Io }[]) => ({
    io: { input_json: shown(run.io.inputJson), output_json: shown(run.io.outputJson) },
    nodes: run.nodes.map(({ nodeLabel }) => {
      const io = nodes.find((node) => node.nodeLabel === nodeLabel)?.io;
      return [nodeLabel, io ? { input_json: shown(io.inputJson), output_json: shown(io.outputJson) } : null];
    }),
  });
  return {
    get_run: {
      ...runRow(run),
      source_inputs_json: shown(run.io.inputJson),
      sink_outputs_json: shown(run.io.outputJson),
    },
    get_node_executions: run.nodes.map((node) => ({
      run_id: run.runId,
      ...nodeRow(node),
      input_json: shown(node.io.inputJson),
      output_json: shown(node.io.outputJson),
    })),
    get_pending_nodes: run.pendingNodes.map(({ nodeLabel }) => nodeLabel),
    get_node_output: run.nodes.map(({ nodeLabel, statusText, io }) => [
      nodeLabel,
      ['completed', 'skipped'].includes(statusText) ? shown(io.outputJson) : null,
    ]),
    get_edge_traversals: run.edges.map((edge) => ({
      run_id: run.runId,
      upstream_label: edge.upstreamLabel,
      downstream_label: edge.downstreamLabel,
      traversed_at: edge.traversedAt,
    })),
    model: {
      ...runRow(run),
      source_inputs_json: shown(run.io.inputJson),
      nodes: inspected.nodes.map((node) => ({
        ...nodeRow(node),
        input_json: shown(ioOf(run, node.nodeLabel).inputJson),
        output_json: shown(ioOf(run, node.nodeLabel).outputJson),
        edges: edgeRows(node),
      })),
    },
    inspect_run: model(inspected, told),
    load_io: loadedIo(run.nodes),
    load_io_first_label: loadedIo(run.first),
    latest_update: run.latestUpdate,
    nodes_changed_since_start: run.changed.map(({ nodeLabel }) => nodeLabel),
  };
}

/** Answers to the questions about the whole file, in the order of those in `asked`. */
export async function answersAboutFile(store: Store, asked: Lists): Promise<Lists> {
  const recent = [];
  for (const { args } of asked.get_recent_runs ?? []) {
    const statuses = args.status ? [args.status.toUpperCase()] : null;
    const { dagRuns } = await ask<{ dagRuns: Page }>(store, LIST, { limit: args.limit ?? 20, statuses });
    recent.push({ args, ids: dagRuns.nodes.map(({ runId }) => runId) });
  }
  const { activeRuns } = await ask<{ activeRuns: Page }>(store, ACTIVE);
  return { get_recent_runs: recent, get_active_runs: activeRuns.nodes.map(({ runId }) => runId) };
}

/** Ids of what is listed unless more is asked for. */
export async function listedRuns(store: Store): Promise<string[]> {
  return (await ask<{ dagRuns: Page }>(store, ROOTS)).dagRuns.nodes.map(({ runId }) => runId);
}

interface Page {
  nodes: { runId: string }[];
}

function document(source: string) {
  const parsed = parse(source);
  const errors = validate(schema, parsed);
  if (errors.length > 0) throw new AggregateError(errors, `No valid query: ${source}`);
  return parsed;
}

async function ask<Data>(store: Store, query: ReturnType<typeof document>, variableValues = {}): Promise<Data> {
  const contextValue = createContext({ store, version: '0.0.0' });
  const { data, errors } = await execute({ schema, document: query, contextValue, variableValues });
  if (errors?.length) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  return data as Data;
}

function runRow(run: Run): Row {
  return {
    run_id: run.runId,
    dag_nsref: run.dagNsref,
    parent_run_id: run.parentRunId,
    status: run.statusText,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    initiated_by: run.initiatedBy,
  };
}

function nodeRow(node: Node): Row {
  return {
    node_label: node.nodeLabel,
    status: node.statusText,
    is_source: node.isSource,
    is_sink: node.isSink,
    started_at: node.startedAt,
    finished_at: node.finishedAt,
    error: node.error === null ? null : shown(node.error),
  };
}

function edgeRows(node: Nested['nodes'][number]): Row[] {
  return node.edges.map((edge) => ({ downstream_label: edge.downstreamLabel, traversed_at: edge.traversedAt }));
}

function model(run: Nested, told: Told): Row {
  const { initiated_by, ...row } = runRow(run);
  return {
    ...row,
    // Only this version of its models has it.
    ...(told.lythonic === '0.0.28' && { initiated_by }),
    nodes: run.nodes.map((node) => [
      node.nodeLabel,
      {
        ...nodeRow(node),
        edges: edgeRows(node),
        sub_dags: node.subDags.length > 0 ? node.subDags.map(({ key, run }) => [key, model(run, told)]) : null,
        io: null,
      },
    ]),
    io: null,
  };
}

function childrenOfMissing({ nodes }: Below): string[] {
  const runs = nodes.flatMap((child) => [child, ...child.descendants.nodes]);
  return runs.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).map(({ runId }) => runId);
}

function ioOf(run: Full, label: string): Io {
  return run.nodes.find((node) => node.nodeLabel === label)?.io ?? { inputJson: null, outputJson: null };
}

function shown(text: string | null): unknown {
  return text === null ? null : shownText(text, (whole) => createHash('sha256').update(whole).digest('hex'));
}
