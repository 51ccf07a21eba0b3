/**
 * The tree of the floor with its JSON written by SQLite: a text for each run and node, put together by a loop. What it would bring to have
 * no values in JavaScript at all.
 */
import type Database from 'better-sqlite3';
import type { FloorCall } from './floor.ts';

interface RunText {
  readonly run_id: string;
  readonly parent_run_id: string | null;
  readonly dag_nsref: string;
  readonly text: string;
}

/** A run with what is inside it. Texts of objects go up to their last brace. */
interface Written extends RunText {
  readonly nodes: WrittenNode[];
  edges: string;
}

interface WrittenNode {
  readonly text: string;
  readonly subRuns: { readonly key: string; readonly run: Written }[];
}

interface NodeText {
  readonly run_id: string;
  readonly node_label: string;
  readonly text: string;
}

interface EdgesText {
  readonly run_id: string;
  readonly text: string;
}

/** Gives the text that `JSON.stringify` gives of what `treeReader` reads. */
export function treeWriter(db: Database.Database): (call: Extract<FloorCall, { what: 'tree' }>) => string {
  const runs = (condition: string) =>
    db.prepare<[string], RunText>(
      `SELECT run_id, parent_run_id, dag_nsref, ${object({
        runId: quoted('run_id'),
        dagNsref: quoted('dag_nsref'),
        status: status('status'),
        startedAt: time('started_at'),
        finishedAt: time('finished_at'),
      })} AS text FROM dag_runs WHERE ${condition} ORDER BY parent_run_id, started_at`,
    );
  const rootRun = runs('run_id = ?');
  const runsOf = runs('parent_run_id IN (SELECT value FROM json_each(?))');
  const nodeFields = {
    nodeLabel: quoted('n.node_label'),
    status: status('n.status'),
    startedAt: time('n.started_at'),
    finishedAt: time('n.finished_at'),
  };
  const io = `'{"inputJson":' || ${quoted('p.input_json')} || ',"outputJson":' || ${quoted('p.output_json')} || '}'`;
  const nodes = (fields: Readonly<Record<string, string>>, more = '') =>
    db.prepare<[string], NodeText>(
      `SELECT n.run_id, n.node_label, ${object(fields)} AS text FROM node_executions AS n ${more}
       WHERE n.run_id IN (SELECT value FROM json_each(?)) ORDER BY n.run_id, n.started_at, n.node_label`,
    );
  const nodesOf = nodes(nodeFields);
  const nodesWithIoOf = nodes({ ...nodeFields, io }, 'LEFT JOIN node_payloads AS p USING (run_id, node_label)');
  const edge = object({
    upstreamLabel: quoted('upstream_label'),
    downstreamLabel: quoted('downstream_label'),
    traversedAt: time('traversed_at'),
  });
  const edgesOf = db.prepare<[string], EdgesText>(
    `SELECT run_id, group_concat(${edge} || '}', ',' ORDER BY traversed_at) AS text
     FROM edge_traversals WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id`,
  );

  return ({ runId, levels, payloads }) => {
    const top = rootRun.all(runId).map(asWritten);
    let level = new Map(top.map((run) => [run.run_id, run]));
    for (let depth = 1; level.size > 0; depth++) {
      const keys = JSON.stringify([...level.keys()]);
      const nodesByKey = new Map<string, WrittenNode>();
      for (const row of (payloads ? nodesWithIoOf : nodesOf).all(keys)) {
        const node = { text: row.text, subRuns: [] };
        level.get(row.run_id)?.nodes.push(node);
        nodesByKey.set(`${row.run_id} ${row.node_label}`, node);
      }
      for (const row of edgesOf.all(keys)) {
        const run = level.get(row.run_id);
        if (run) run.edges = row.text;
      }
      const below = depth < levels ? runsOf.all(keys).map(asWritten) : [];
      for (const run of below) {
        const key = run.dag_nsref.slice((level.get(run.parent_run_id ?? '')?.dag_nsref.length ?? 0) + 1);
        nodesByKey.get(`${run.parent_run_id} ${key.slice(0, key.indexOf('['))}`)?.subRuns.push({ key, run });
      }
      level = new Map(below.map((run) => [run.run_id, run]));
    }
    const [root] = top;
    return `{"data":{"dagRun":${root ? textOf(root, levels) : null}}}`;
  };
}

function asWritten(row: RunText): Written {
  return { ...row, nodes: [], edges: '' };
}

function textOf({ text: head, nodes: ofRun, edges }: Written, levels: number): string {
  let nodes = '';
  for (const { text, subRuns } of ofRun) {
    if (nodes !== '') nodes += ',';
    const inside = subRuns.map(({ key, run }) => `{"key":${JSON.stringify(key)},"run":${textOf(run, levels - 1)}}`);
    nodes += levels > 1 ? `${text},"subDags":[${inside.join(',')}]}` : `${text}}`;
  }
  return `${head},"nodes":[${nodes}],"edges":[${edges}]}`;
}

/** An SQL expression for the JSON of an object, up to its last brace, from those for its fields. */
function object(fields: Readonly<Record<string, string>>): string {
  const texts = Object.entries(fields).map(([name, sql], index) => `'${index === 0 ? '{' : ','}"${name}":' || ${sql}`);
  return texts.join(' || ');
}

function quoted(text: string): string {
  return `json_quote(${text})`;
}

function status(word: string): string {
  return `'"' || upper(${word}) || '"'`;
}

/** To the microsecond, which is more than SQLite's own formats have, and rounded half to even. */
function time(seconds: string): string {
  const whole = `CAST(${seconds} AS INTEGER)`;
  const exact = `((${seconds} - ${whole}) * 1e6)`;
  const floor = `CAST(${exact} AS INTEGER)`;
  const micros = `${floor} + (${exact} - ${floor} + ${floor} % 2 * 1e-9 > 0.5)`;
  return `coalesce(strftime('"%Y-%m-%dT%H:%M:%S', ${whole}, 'unixepoch') || format('.%06dZ"', ${micros}), 'null')`;
}
