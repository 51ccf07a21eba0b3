/** What becomes of lythonic's answers where dagloupe differs on purpose. Each takes all answers about a file and gives them changed. */
import { answersFromRows, inspect, nodesOf, recentRuns, runOf } from './rows.ts';
import { byBytes, isError, type Row, type RunAnswers, type Told } from './told.ts';

/** Runs that are gone have no parts, though rows of them are left. */
export function withoutMissingRuns(told: Told): Told {
  return mapRuns(told, (answers, runId) => {
    if (runOf(told, runId)) return answers;
    const parts = ['get_node_executions', 'get_pending_nodes', 'get_node_output', 'get_edge_traversals'];
    return mapEntries(answers, (answer, question) => (parts.includes(question) ? [] : answer));
  });
}

/** Where lythonic fails over a file of several generations, the rows answer. */
export function withoutErrors(told: Told): Told {
  const answered = mapRuns(told, (answers, runId) => {
    const fromRows = answersFromRows(told, runId);
    return mapEntries(answers, (answer, question) => (isError(answer) ? fromRows[question] : answer));
  });
  const { get_recent_runs, get_active_runs } = told.lists;
  return {
    ...answered,
    lists: {
      get_recent_runs:
        get_recent_runs?.map(({ args, ids }) => ({ args, ids: isError(ids) ? recentRuns(told, args) : ids })) ?? null,
      get_active_runs: isError(get_active_runs) ? recentRuns(told, { limit: 100, status: 'running' }) : get_active_runs,
    },
  };
}

/** The type of a node is two flags. */
export function withFlags(told: Told): Told {
  return mapRuns(told, (answers) => withFlagsIn(answers) as RunAnswers);
}

function withFlagsIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFlagsIn);
  if (typeof value !== 'object' || value === null) return value;
  const { node_type, ...rest } = value as Row;
  const flags = 'node_type' in value && { is_source: node_type === 'source', is_sink: node_type === 'sink' };
  return { ...mapEntries(rest, withFlagsIn), ...flags };
}

/** An edge is traversed once: the first traversal stands. */
export function withEdgesOnce(told: Told): Told {
  return mapRuns(told, (answers) => withEdgesOnceIn(answers) as RunAnswers);
}

function withEdgesOnceIn(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const isFirst = (edge: Row, index: number): boolean =>
      value.findIndex((other) => isSameEdge(other, edge)) === index;
    return (['edges', 'get_edge_traversals'].includes(name) ? value.filter(isFirst) : value).map((item) =>
      withEdgesOnceIn(item),
    );
  }
  return typeof value === 'object' && value !== null ? mapEntries(value as Row, withEdgesOnceIn) : value;
}

function isSameEdge(a: Row, b: Row): boolean {
  return a.upstream_label === b.upstream_label && a.downstream_label === b.downstream_label;
}

/** A sub-DAG belongs to the node with the longest label that its key begins with, followed by `[` or `/`. */
export function withLongestOwners(told: Told): Told {
  return mapRuns(told, (answers, runId) =>
    answers.inspect_run && !isError(answers.inspect_run) ? { ...answers, inspect_run: inspect(told, runId) } : answers,
  );
}

/** Nodes come in order of start, then label. */
export function withNodesInOrderOfStart(told: Told): Told {
  return mapRuns(told, (answers, runId) => {
    const places = placesOfNodes(told, runId);
    const sort = <Item>(items: unknown, labelOf: (item: Item) => unknown): unknown =>
      Array.isArray(items)
        ? items.toSorted((a, b) => (places.get(labelOf(a)) ?? 0) - (places.get(labelOf(b)) ?? 0))
        : items;
    const sortNodes = (answer: unknown): unknown => {
      const { nodes, ...rest } = (answer ?? {}) as Row;
      return nodes ? { ...rest, nodes: sort(nodes, (node: Row | unknown[]) => labelOfNode(node)) } : answer;
    };
    return mapEntries(answers, (answer, question) => {
      if (question === 'get_node_executions') return sort(answer, (node: Row) => node.node_label);
      if (question === 'get_node_output') return sort(answer, ([label]: [string]) => label);
      if (question === 'get_pending_nodes' || question === 'nodes_changed_since_start') {
        return sort(answer, (label: string) => label);
      }
      if (question === 'inspect_run') return sortInspected(told, answer);
      return sortNodes(answer);
    });
  });
}

function sortInspected(told: Told, run: unknown): unknown {
  if (!isRun(run)) return run;
  const places = placesOfNodes(told, String(run.run_id));
  return {
    ...run,
    nodes: run.nodes
      .toSorted(([a], [b]) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
      .map(([label, node]) => [
        label,
        { ...node, sub_dags: node.sub_dags?.map(([key, child]) => [key, sortInspected(told, child)]) ?? null },
      ]),
  };
}

function placesOfNodes(told: Told, runId: string): Map<unknown, number> {
  const start = (node: Row) => String(node.started_at ?? '~');
  const nodes = nodesOf(told, runId).toSorted(
    (a, b) =>
      (start(a) < start(b) ? -1 : Number(start(a) > start(b))) || byBytes(String(a.node_label), String(b.node_label)),
  );
  return new Map(nodes.map((node, place) => [node.node_label, place]));
}

/** Sub-DAGs come in order of key, numbers as numbers. */
export function withSubDagsInOrderOfKey(told: Told): Told {
  const sort = (run: unknown): unknown => {
    if (!isRun(run)) return run;
    const nodes = run.nodes.map(([label, node]) => {
      const children = node.sub_dags?.toSorted(([a], [b]) => (naturally(a) < naturally(b) ? -1 : 1));
      return [label, { ...node, sub_dags: children?.map(([key, child]) => [key, sort(child)]) ?? null }];
    });
    return { ...run, nodes };
  };
  return mapRuns(told, (answers) =>
    mapEntries(answers, (answer, question) => (question === 'inspect_run' ? sort(answer) : answer)),
  );
}

function naturally(key: string): string {
  return key.replace(/\d+/g, (digits) => digits.padStart(20, '0'));
}

/** What lythonic of that version had no question for follows from the rows. */
export function completed(told: Told): Told {
  const { get_recent_runs, get_active_runs } = told.lists;
  return {
    ...mapRuns(told, (answers, runId) => {
      const { get_edge_traversals, inspect_run, get_child_runs } = answersFromRows(told, runId);
      return { get_edge_traversals, inspect_run, get_child_runs, ...answers };
    }),
    lists: {
      get_recent_runs: get_recent_runs ?? [{ args: { limit: 1000 }, ids: recentRuns(told, { limit: 1000 }) }],
      get_active_runs: get_active_runs ?? recentRuns(told, { limit: 100, status: 'running' }),
    },
  };
}

interface InspectedRun extends Row {
  readonly nodes: readonly [string, Row & { sub_dags: readonly [string, unknown][] | null }][];
}

function isRun(value: unknown): value is InspectedRun {
  return typeof value === 'object' && value !== null && 'nodes' in value && Array.isArray(value.nodes);
}

function labelOfNode(node: Row | unknown[]): unknown {
  return Array.isArray(node) ? node[0] : (node as Row).node_label;
}

function mapRuns(told: Told, change: (answers: RunAnswers, runId: string) => RunAnswers): Told {
  return { ...told, runs: new Map([...told.runs].map(([runId, answers]) => [runId, change(answers, runId)])) };
}

function mapEntries(record: Row, change: (value: unknown, name: string) => unknown): Row {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
