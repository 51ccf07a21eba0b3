/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query RecentRuns($first: Int!) {\n  dagRuns(first: $first) {\n    nodes {\n      ...RunHeader\n      nodeCounts {\n        total\n        completed\n        failed\n        skipped\n      }\n    }\n  }\n}\n\nquery RecentRunIds($first: Int!) {\n  dagRuns(first: $first) {\n    nodes {\n      runId\n    }\n  }\n}\n\nquery RunHeader($runId: ID!) {\n  dagRun(runId: $runId) {\n    ...RunHeader\n  }\n}\n\nquery NodesOfRuns($ids: [ID!]!, $width: Int!, $folded: Boolean!) {\n  nodes(ids: $ids) {\n    ... on DagRun {\n      runId\n      nodes {\n        ...NodeParts\n      }\n    }\n  }\n}\n\nfragment NodeParts on NodeExecution {\n  nodeLabel\n  status\n  statusText\n  isSource\n  isSink\n  startedAt\n  finishedAt\n  durationMs\n  error\n  subDagCounts {\n    total\n    running\n    paused\n    completed\n    failed\n    cancelled\n    unknown\n  }\n  subDags(first: $width) {\n    ...SubDagHeader\n  }\n  unfinished: subDags(\n    first: $width\n    statuses: [RUNNING, PAUSED, FAILED, CANCELLED, UNKNOWN]\n  ) @include(if: $folded) {\n    ...SubDagHeader\n  }\n}\n\nfragment SubDagHeader on SubDag {\n  key\n  run {\n    ...RunHeader\n  }\n  earlierRuns {\n    ...RunHeader\n  }\n}\n\nfragment RunHeader on DagRun {\n  id\n  runId\n  dagNsref\n  status\n  statusText\n  startedAt\n  finishedAt\n  durationMs\n  initiatedBy\n}": typeof types.RecentRunsDocument,
};
const documents: Documents = {
    "query RecentRuns($first: Int!) {\n  dagRuns(first: $first) {\n    nodes {\n      ...RunHeader\n      nodeCounts {\n        total\n        completed\n        failed\n        skipped\n      }\n    }\n  }\n}\n\nquery RecentRunIds($first: Int!) {\n  dagRuns(first: $first) {\n    nodes {\n      runId\n    }\n  }\n}\n\nquery RunHeader($runId: ID!) {\n  dagRun(runId: $runId) {\n    ...RunHeader\n  }\n}\n\nquery NodesOfRuns($ids: [ID!]!, $width: Int!, $folded: Boolean!) {\n  nodes(ids: $ids) {\n    ... on DagRun {\n      runId\n      nodes {\n        ...NodeParts\n      }\n    }\n  }\n}\n\nfragment NodeParts on NodeExecution {\n  nodeLabel\n  status\n  statusText\n  isSource\n  isSink\n  startedAt\n  finishedAt\n  durationMs\n  error\n  subDagCounts {\n    total\n    running\n    paused\n    completed\n    failed\n    cancelled\n    unknown\n  }\n  subDags(first: $width) {\n    ...SubDagHeader\n  }\n  unfinished: subDags(\n    first: $width\n    statuses: [RUNNING, PAUSED, FAILED, CANCELLED, UNKNOWN]\n  ) @include(if: $folded) {\n    ...SubDagHeader\n  }\n}\n\nfragment SubDagHeader on SubDag {\n  key\n  run {\n    ...RunHeader\n  }\n  earlierRuns {\n    ...RunHeader\n  }\n}\n\nfragment RunHeader on DagRun {\n  id\n  runId\n  dagNsref\n  status\n  statusText\n  startedAt\n  finishedAt\n  durationMs\n  initiatedBy\n}": types.RecentRunsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query RecentRuns($first: Int!) {\n  dagRuns(first: $first) {\n    nodes {\n      ...RunHeader\n      nodeCounts {\n        total\n        completed\n        failed\n        skipped\n      }\n    }\n  }\n}\n\nquery RecentRunIds($first: Int!) {\n  dagRuns(first: $first) {\n    nodes {\n      runId\n    }\n  }\n}\n\nquery RunHeader($runId: ID!) {\n  dagRun(runId: $runId) {\n    ...RunHeader\n  }\n}\n\nquery NodesOfRuns($ids: [ID!]!, $width: Int!, $folded: Boolean!) {\n  nodes(ids: $ids) {\n    ... on DagRun {\n      runId\n      nodes {\n        ...NodeParts\n      }\n    }\n  }\n}\n\nfragment NodeParts on NodeExecution {\n  nodeLabel\n  status\n  statusText\n  isSource\n  isSink\n  startedAt\n  finishedAt\n  durationMs\n  error\n  subDagCounts {\n    total\n    running\n    paused\n    completed\n    failed\n    cancelled\n    unknown\n  }\n  subDags(first: $width) {\n    ...SubDagHeader\n  }\n  unfinished: subDags(\n    first: $width\n    statuses: [RUNNING, PAUSED, FAILED, CANCELLED, UNKNOWN]\n  ) @include(if: $folded) {\n    ...SubDagHeader\n  }\n}\n\nfragment SubDagHeader on SubDag {\n  key\n  run {\n    ...RunHeader\n  }\n  earlierRuns {\n    ...RunHeader\n  }\n}\n\nfragment RunHeader on DagRun {\n  id\n  runId\n  dagNsref\n  status\n  statusText\n  startedAt\n  finishedAt\n  durationMs\n  initiatedBy\n}"): typeof import('./graphql.ts').RecentRunsDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
