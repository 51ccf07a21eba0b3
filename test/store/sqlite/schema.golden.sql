CREATE TABLE copied_trees (
  root_run_id TEXT NOT NULL PRIMARY KEY REFERENCES dag_runs (run_id),
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dag_runs (
  run_id TEXT NOT NULL PRIMARY KEY,
  dag_nsref TEXT NOT NULL,
  parent_run_id TEXT REFERENCES dag_runs (run_id),
  root_run_id TEXT NOT NULL,
  status TEXT NOT NULL,
  status_at REAL NOT NULL,            -- when it got this status
  started_at REAL NOT NULL,
  finished_at REAL,
  initiated_by TEXT,
  restarts INTEGER NOT NULL,          -- how often it went on after a pause or a failure
  version INTEGER NOT NULL,
  tree_version INTEGER,               -- of roots only
  commit_no INTEGER NOT NULL          -- of the store's commits, the last that changed this row
) STRICT;

CREATE INDEX dag_runs_by_initiator ON dag_runs (initiated_by, started_at, run_id) WHERE initiated_by IS NOT NULL;

CREATE INDEX dag_runs_by_initiator_roots ON dag_runs (initiated_by, started_at, run_id)
  WHERE initiated_by IS NOT NULL AND parent_run_id IS NULL;

CREATE INDEX dag_runs_by_nsref ON dag_runs (dag_nsref, started_at, run_id);

CREATE INDEX dag_runs_by_nsref_roots ON dag_runs (dag_nsref, started_at, run_id) WHERE parent_run_id IS NULL;

CREATE INDEX dag_runs_by_status ON dag_runs (status, started_at, run_id);

CREATE INDEX dag_runs_by_status_roots ON dag_runs (status, started_at, run_id) WHERE parent_run_id IS NULL;

CREATE INDEX dag_runs_changes ON dag_runs (root_run_id, version);

CREATE INDEX dag_runs_children ON dag_runs (parent_run_id, dag_nsref, status) WHERE parent_run_id IS NOT NULL;

CREATE INDEX dag_runs_children_oldest ON dag_runs (parent_run_id, started_at, run_id) WHERE parent_run_id IS NOT NULL;

CREATE INDEX dag_runs_commits ON dag_runs (commit_no);

CREATE INDEX dag_runs_newest ON dag_runs (started_at, run_id);

CREATE INDEX dag_runs_newest_roots ON dag_runs (started_at, run_id) WHERE parent_run_id IS NULL;

CREATE INDEX dag_runs_tree ON dag_runs (root_run_id, started_at, run_id) WHERE parent_run_id IS NOT NULL;

CREATE TABLE edge_traversals (
  run_id TEXT NOT NULL REFERENCES dag_runs (run_id),
  upstream_label TEXT NOT NULL,
  downstream_label TEXT NOT NULL,
  root_run_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  traversed_at REAL NOT NULL,
  PRIMARY KEY (run_id, upstream_label, downstream_label)
) STRICT, WITHOUT ROWID;

CREATE INDEX edge_traversals_changes ON edge_traversals (root_run_id, version);

CREATE TABLE node_attempts (
  run_id TEXT NOT NULL,
  node_label TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  restart INTEGER NOT NULL,
  status TEXT NOT NULL,
  is_source INTEGER NOT NULL,
  is_sink INTEGER NOT NULL,
  started_at REAL,
  finished_at REAL,
  error TEXT,
  input_json TEXT,
  output_json TEXT,
  PRIMARY KEY (run_id, node_label, attempt),
  FOREIGN KEY (run_id, node_label) REFERENCES node_executions (run_id, node_label)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_executions (
  run_id TEXT NOT NULL REFERENCES dag_runs (run_id),
  node_label TEXT NOT NULL,
  root_run_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  attempt INTEGER NOT NULL,           -- 1, and one more for each start after a restart
  restart INTEGER NOT NULL,           -- the run's restarts when this attempt began
  status TEXT NOT NULL,
  is_source INTEGER NOT NULL,
  is_sink INTEGER NOT NULL,
  started_at REAL,
  finished_at REAL,
  error TEXT,
  PRIMARY KEY (run_id, node_label)
) STRICT, WITHOUT ROWID;

CREATE INDEX node_executions_changes ON node_executions (root_run_id, version);

CREATE TABLE node_payloads (
  run_id TEXT NOT NULL,
  node_label TEXT NOT NULL,
  input_json TEXT,
  output_json TEXT,
  PRIMARY KEY (run_id, node_label),
  FOREIGN KEY (run_id, node_label) REFERENCES node_executions (run_id, node_label)
) STRICT;

CREATE TABLE run_payloads (
  run_id TEXT NOT NULL PRIMARY KEY REFERENCES dag_runs (run_id),
  source_inputs_json TEXT,
  sink_outputs_json TEXT
) STRICT;

CREATE TABLE run_restarts (
  run_id TEXT NOT NULL REFERENCES dag_runs (run_id),
  restart INTEGER NOT NULL,
  left_status TEXT NOT NULL,
  left_status_at REAL NOT NULL,
  restarted_at REAL NOT NULL,
  PRIMARY KEY (run_id, restart)
) STRICT, WITHOUT ROWID;

CREATE TABLE store_state (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
  commits INTEGER NOT NULL
) STRICT;
