/**
 * Temporary views with the names and columns of the owned tables over those of a lythonic file and over its mirror, and the views
 * that the mirror is made from. SQLite keeps any type in any column, so what is shown is cast; what look-ups compare stays bare,
 * for the file's primary keys to serve it. A row whose key is no text cannot be asked for, and is left out.
 */
import { Fault } from '../../errors.ts';
import { type Connection, writing } from './connect.ts';
import { areLythonic, readTables, type Table, type Tables } from './recognise.ts';

/** The views of one connection, made for the tables that the file has. */
export class FileViews {
  readonly #db: Connection;
  #schema = Number.NaN;
  #hasLooseEdges = false;

  constructor(db: Connection) {
    this.#db = db;
  }

  /** The file's schema that the views are made for: another number after its tables were altered. */
  get schema(): number {
    return this.#schema;
  }

  /** Whether the file's edges have no key to look them up by. */
  get hasLooseEdges(): boolean {
    return this.#hasLooseEdges;
  }

  /**
   * Makes the views, or makes them anew if the file's tables were altered; to be called inside a snapshot of the file.
   * @throws Fault BAD_REQUEST if the file is not of lythonic
   */
  follow(): void {
    const schema = this.#db.get<{ schema_version: number }>('PRAGMA main.schema_version')?.schema_version ?? 0;
    if (schema === this.#schema) return;
    const tables = readTables(this.#db);
    if (!areLythonic(tables)) {
      throw new Fault(
        'BAD_REQUEST',
        `${this.#db.path} is no file of lythonic: it has no table dag_runs with the columns of one; give the path of a dags.db`,
      );
    }
    writing(this.#db, () => this.#db.script(viewsOver(tables)));
    this.#schema = schema;
    this.#hasLooseEdges = hasLooseEdges(tables);
  }
}

/** The statements that make the views anew, for the generation of each table. */
function viewsOver(tables: Tables): string {
  const runs = tables.get('dag_runs');
  const nodes = tables.get('node_executions');
  return [
    view('dag_runs', 'SELECT rid AS rowid, * FROM mirror.dag_runs', []),
    view('file_runs', runs && fileRuns(runs), RUN_COLUMNS),
    view('run_payloads', runs && runPayloads(runs), ['run_id', 'source_inputs_json', 'sink_outputs_json']),
    view('node_executions', nodes && nodeExecutions(nodes), NODE_COLUMNS),
    view('node_payloads', nodes && NODE_PAYLOADS, ['run_id', 'node_label', 'input_json', 'output_json']),
    view('file_nodes', nodes && FILE_NODES, ['rid', 'run_id']),
    view('file_edges', hasLooseEdges(tables) ? FILE_EDGES : undefined, ['rid', 'run_id']),
    view('edge_traversals', edgeTraversals(tables), EDGE_COLUMNS),
  ].join('\n');
}

function hasLooseEdges(tables: Tables): boolean {
  return tables.get('edge_traversals')?.keyedByRun === false;
}

const RUN_COLUMNS = 'rid run_id dag_nsref parent_run_id status started_at finished_at initiated_by'.split(' ');
const NODE_COLUMNS = 'rid run_id node_label status is_source is_sink started_at finished_at error'.split(' ');
const EDGE_COLUMNS = 'rid run_id upstream_label downstream_label traversed_at'.split(' ');

/** A view; an empty one for a table that the file does not have. */
function view(name: string, select: string | undefined, columns: readonly string[]): string {
  const nothing = `SELECT ${columns.map((column) => `NULL AS ${column}`).join(', ')} WHERE false`;
  return `DROP VIEW IF EXISTS temp.${name}; CREATE TEMP VIEW ${name} AS ${select ?? nothing};`;
}

function fileRuns({ columns }: Table): string {
  return `SELECT rowid AS rid, run_id,
    coalesce(CAST(dag_nsref AS TEXT), '') AS dag_nsref,
    ${columns.has('parent_run_id') ? 'CAST(parent_run_id AS TEXT)' : 'NULL'} AS parent_run_id,
    coalesce(CAST(status AS TEXT), '') AS status,
    coalesce(CAST(started_at AS REAL), 0.0) AS started_at,
    CAST(finished_at AS REAL) AS finished_at,
    ${columns.has('initiated_by') ? 'CAST(initiated_by AS TEXT)' : 'NULL'} AS initiated_by
    FROM main.dag_runs WHERE typeof(run_id) = 'text'`;
}

function runPayloads({ columns }: Table): string {
  const sinkOutputs = columns.has('sink_outputs_json') ? 'sink_outputs_json' : 'NULL';
  return `SELECT run_id, source_inputs_json, ${sinkOutputs} AS sink_outputs_json FROM main.dag_runs`;
}

function nodeExecutions({ columns }: Table): string {
  const flag = (name: 'source' | 'sink'): string => {
    if (columns.has(`is_${name}`)) return `coalesce(is_${name} <> 0, 0)`;
    return columns.has('node_type') ? `coalesce(node_type = '${name}', 0)` : '0';
  };
  return `SELECT rowid AS rid, run_id, node_label,
    coalesce(CAST(status AS TEXT), '') AS status,
    ${flag('source')} AS is_source,
    ${flag('sink')} AS is_sink,
    CAST(started_at AS REAL) AS started_at,
    CAST(finished_at AS REAL) AS finished_at,
    CAST(error AS TEXT) AS error
    FROM main.node_executions WHERE typeof(node_label) = 'text'`;
}

const NODE_PAYLOADS =
  "SELECT run_id, node_label, input_json, output_json FROM main.node_executions WHERE typeof(node_label) = 'text'";

const FILE_NODES = 'SELECT rowid AS rid, run_id FROM main.node_executions';

const FILE_EDGES = "SELECT rowid AS rid, run_id FROM main.edge_traversals WHERE typeof(run_id) = 'text'";

function edgeTraversals(tables: Tables): string | undefined {
  if (!tables.has('edge_traversals')) return undefined;
  const rows = hasLooseEdges(tables)
    ? 'mirror.edge_rows AS x CROSS JOIN main.edge_traversals AS e ON e.rowid = x.rid AND e.run_id = x.run_id'
    : 'main.edge_traversals AS e';
  const key = hasLooseEdges(tables) ? 'x.rid, x.run_id' : 'e.rowid AS rid, e.run_id';
  return `SELECT ${key}, e.upstream_label, e.downstream_label,
    coalesce(CAST(e.traversed_at AS REAL), 0.0) AS traversed_at
    FROM ${rows} WHERE typeof(e.upstream_label) = 'text' AND typeof(e.downstream_label) = 'text'`;
}
