import Database from 'better-sqlite3';
import type { RunEvent } from '../../src/model.ts';

/** Writes a file as the newest lythonic does: the same tables, the same statements, a connection of its own. */
export class LythonicWriter {
  readonly db: Database.Database;

  constructor(path: string) {
    this.db = new Database(path);
    this.db.pragma('foreign_keys = OFF');
    this.db.exec(`
      CREATE TABLE IF NOT EXISTS dag_runs (
        run_id TEXT PRIMARY KEY, dag_nsref TEXT NOT NULL, parent_run_id TEXT, status TEXT NOT NULL, started_at REAL NOT NULL,
        finished_at REAL, source_inputs_json TEXT, sink_outputs_json TEXT, initiated_by TEXT,
        FOREIGN KEY (parent_run_id) REFERENCES dag_runs(run_id)
      );
      CREATE TABLE IF NOT EXISTS node_executions (
        run_id TEXT NOT NULL, node_label TEXT NOT NULL, status TEXT NOT NULL, is_source INTEGER DEFAULT 0, is_sink INTEGER DEFAULT 0,
        input_json TEXT, output_json TEXT, started_at REAL, finished_at REAL, error TEXT,
        PRIMARY KEY (run_id, node_label), FOREIGN KEY (run_id) REFERENCES dag_runs(run_id)
      );
      CREATE TABLE IF NOT EXISTS edge_traversals (
        run_id TEXT NOT NULL, upstream_label TEXT NOT NULL, downstream_label TEXT NOT NULL, traversed_at REAL NOT NULL,
        PRIMARY KEY (run_id, upstream_label, downstream_label), FOREIGN KEY (run_id) REFERENCES dag_runs(run_id)
      )`);
  }

  /** In one transaction, to be quick. */
  writeAll(events: readonly RunEvent[]): void {
    this.db.transaction(() => {
      for (const event of events) this.write(event);
    })();
  }

  write(event: RunEvent): void {
    const at = event.at ?? Date.now() / 1000;
    const run = (sql: string, ...parameters: unknown[]): void => {
      this.db.prepare(sql).run(...parameters);
    };
    switch (event.type) {
      case 'runCreated':
        run(
          `INSERT INTO dag_runs (run_id, dag_nsref, parent_run_id, status, started_at, source_inputs_json, initiated_by)
           VALUES (?, ?, ?, 'running', ?, ?, coalesce(?, (SELECT initiated_by FROM dag_runs WHERE run_id = ?)))`,
          event.runId,
          event.dagNsref,
          event.parentRunId ?? null,
          at,
          event.sourceInputsJson,
          event.initiatedBy ?? null,
          event.parentRunId ?? null,
        );
        break;
      case 'runStatusChanged':
        run('UPDATE dag_runs SET status = ? WHERE run_id = ?', event.status, event.runId);
        break;
      case 'runFinished':
        run(
          'UPDATE dag_runs SET status = ?, finished_at = ?, sink_outputs_json = ? WHERE run_id = ?',
          event.status,
          at,
          event.sinkOutputsJson ?? null,
          event.runId,
        );
        break;
      case 'nodeStarted':
        run(
          `INSERT OR REPLACE INTO node_executions (run_id, node_label, status, is_source, is_sink, input_json, started_at)
           VALUES (?, ?, 'running', ?, ?, ?, ?)`,
          event.runId,
          event.nodeLabel,
          Number(event.isSource ?? false),
          Number(event.isSink ?? false),
          event.inputJson ?? null,
          at,
        );
        break;
      case 'nodeCompleted':
        run(
          "UPDATE node_executions SET status = 'completed', output_json = ?, finished_at = ? WHERE run_id = ? AND node_label = ?",
          event.outputJson ?? null,
          at,
          event.runId,
          event.nodeLabel,
        );
        for (const edge of event.edges ?? []) this.write({ ...edge, type: 'edgeTraversed', runId: event.runId, at });
        break;
      case 'nodeFailed':
        run(
          "UPDATE node_executions SET status = 'failed', error = ?, finished_at = ? WHERE run_id = ? AND node_label = ?",
          event.error,
          at,
          event.runId,
          event.nodeLabel,
        );
        break;
      case 'nodeSkipped':
        run(
          `INSERT OR REPLACE INTO node_executions (run_id, node_label, status, output_json, started_at, finished_at)
           VALUES (?, ?, 'skipped', ?, ?, ?)`,
          event.runId,
          event.nodeLabel,
          event.outputJson ?? null,
          at,
          at,
        );
        break;
      case 'edgeTraversed':
        run(
          'INSERT INTO edge_traversals (run_id, upstream_label, downstream_label, traversed_at) VALUES (?, ?, ?, ?)',
          event.runId,
          event.upstreamLabel,
          event.downstreamLabel,
          at,
        );
        break;
    }
  }

  close(): void {
    this.db.close();
  }
}
