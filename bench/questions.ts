/** What is asked, in the words of each subject. */
import type { FloorCall } from './floor/floor.ts';
import { LISTS, type List } from './lists.ts';
import { rootOf, TREES, type TreeName } from './stores/day.ts';

export interface Question {
  readonly name: string;
  readonly graphql: { readonly query: string; readonly variables: Record<string, unknown> };
  readonly floor: FloorCall;
}

const RUN = 'runId dagNsref status startedAt finishedAt';
const NODE = 'nodeLabel status startedAt finishedAt';
const IO = 'io { inputJson outputJson }';
const EDGES = 'edges { upstreamLabel downstreamLabel traversedAt }';

/** A tree with all its runs, nodes and edges. */
export function treeQuestion(tree: TreeName, { payloads = false } = {}): Question {
  const { levels } = TREES[tree];
  const node = payloads ? `${NODE} ${IO}` : NODE;
  const run = (level: number): string => {
    const inside = level < levels ? ` subDags { key run { ${run(level + 1)} } }` : '';
    return `${RUN} nodes { ${node}${inside} } ${EDGES}`;
  };
  return {
    name: `nested tree, ${tree}${payloads ? ', with payloads' : ''}`,
    graphql: {
      query: `query Tree($runId: ID!) { dagRun(runId: $runId) { ${run(1)} } }`,
      variables: { runId: rootOf(tree) },
    },
    floor: { what: 'tree', runId: rootOf(tree), levels, payloads },
  };
}

/** A page of each list. */
export function listQuestions(size: number): Question[] {
  return LISTS.map((list) => listQuestion(list, size));
}

/** A page of the list with this name. */
export function pageOf(name: string, size: number): Question {
  const list = LISTS.find((each) => each.name === name);
  if (!list) throw new Error(`there is no list ${name}`);
  return listQuestion(list, size);
}

function listQuestion({ name, filter, after, last = false, where }: List, size: number): Question {
  const pageSize = last ? 'last' : 'first';
  return {
    name: `list page of ${size}, ${name}`,
    graphql: {
      query: `query List($size: Int, $after: String, $filter: DagRunFilter) {
        dagRuns(${pageSize}: $size, after: $after, filter: $filter) { nodes { ${RUN} } } }`,
      variables: { size, after, filter },
    },
    floor: { what: 'list', where, last, size },
  };
}

/** What went in and came out of all nodes of a run. */
export function ioQuestion(): Question {
  const runId = rootOf('hundred');
  const labels = Array.from({ length: TREES.hundred.nodes }, (_, node) => `step_${node}`);
  return {
    name: `io of ${labels.length} nodes`,
    graphql: {
      query: `query Io($runId: ID!, $labels: [String!]) { dagRun(runId: $runId) { nodes(labels: $labels) { nodeLabel ${IO} } } }`,
      variables: { runId, labels },
    },
    floor: { what: 'io', runId, labels },
  };
}
