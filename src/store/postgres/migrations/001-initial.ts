/**
 * Every row carries the root of its tree and the version of the tree that wrote it last: "what is newer than version N in
 * this tree" is what live readers ask. The root's row holds the tree's newest version; whoever writes to the tree locks it.
 *
 * Every key but that of the runs has the root in it, so that a database can be spread over machines by trees. Texts are in the
 * order of their UTF-8 bytes. Payloads stand in tables of their own, as bytes that the database leaves alone.
 */
export const initial = `
CREATE TABLE dag_runs (
  run_id text COLLATE "C" NOT NULL PRIMARY KEY,
  dag_nsref text COLLATE "C" NOT NULL,
  parent_run_id text COLLATE "C",
  root_run_id text COLLATE "C" NOT NULL,
  expansion_key text COLLATE "C",     -- what the name has after the parent's; null if that is no beginning of it
  status text COLLATE "C" NOT NULL,
  status_at double precision NOT NULL, -- when it got this status
  started_at double precision NOT NULL,
  finished_at double precision,
  initiated_by text COLLATE "C",
  restarts integer NOT NULL,          -- how often it went on after a pause or a failure
  version bigint NOT NULL,
  tree_version bigint,                -- of roots only
  lane integer NOT NULL,              -- the last commit that changed this row: which lane it was in,
  commit_no bigint NOT NULL           -- and its number there
);

CREATE INDEX dag_runs_newest ON dag_runs (started_at, run_id);
CREATE INDEX dag_runs_newest_roots ON dag_runs (started_at, run_id) WHERE parent_run_id IS NULL;
CREATE INDEX dag_runs_by_status ON dag_runs (status, started_at, run_id);
CREATE INDEX dag_runs_by_status_roots ON dag_runs (status, started_at, run_id) WHERE parent_run_id IS NULL;
CREATE INDEX dag_runs_by_nsref ON dag_runs (left(dag_nsref, 300), started_at, run_id);
CREATE INDEX dag_runs_by_nsref_roots ON dag_runs (left(dag_nsref, 300), started_at, run_id) WHERE parent_run_id IS NULL;
CREATE INDEX dag_runs_by_initiator ON dag_runs (left(initiated_by, 300), started_at, run_id) WHERE initiated_by IS NOT NULL;
CREATE INDEX dag_runs_by_initiator_roots ON dag_runs (left(initiated_by, 300), started_at, run_id)
  WHERE initiated_by IS NOT NULL AND parent_run_id IS NULL;
CREATE INDEX dag_runs_children_oldest ON dag_runs (parent_run_id, started_at, run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX dag_runs_children ON dag_runs (parent_run_id, left(expansion_key, 400), status) WHERE parent_run_id IS NOT NULL;
CREATE INDEX dag_runs_tree ON dag_runs (root_run_id, started_at, run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX dag_runs_changes ON dag_runs (root_run_id, version);
CREATE INDEX dag_runs_commits ON dag_runs (lane, commit_no);

-- How many commits there were that changed a run's own row. Those of one lane wait for each other, so they are in order.
CREATE TABLE commit_lanes (
  lane integer NOT NULL PRIMARY KEY,
  commits bigint NOT NULL
);
INSERT INTO commit_lanes SELECT lane, 0 FROM generate_series(0, 63) AS lanes (lane);

CREATE TABLE run_payloads (
  root_run_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  input bytea,                        -- source inputs
  input_bytes integer,                -- of the text in UTF-8
  output bytea,                       -- sink outputs
  output_bytes integer,
  PRIMARY KEY (run_id, root_run_id)
);
ALTER TABLE run_payloads ALTER COLUMN input SET STORAGE EXTERNAL, ALTER COLUMN output SET STORAGE EXTERNAL;

-- The statuses that a run left when it went on after a pause or a failure.
CREATE TABLE run_restarts (
  root_run_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  restart integer NOT NULL,
  left_status text COLLATE "C" NOT NULL,
  left_status_at double precision NOT NULL,
  restarted_at double precision NOT NULL,
  PRIMARY KEY (run_id, restart, root_run_id)
);

CREATE TABLE node_executions (
  root_run_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  node_label text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  attempt integer NOT NULL,           -- 1, and one more for each start after a restart
  restart integer NOT NULL,           -- the run's restarts when this attempt began
  status text COLLATE "C" NOT NULL,
  is_source boolean NOT NULL,
  is_sink boolean NOT NULL,
  started_at double precision,
  finished_at double precision,
  error text COLLATE "C",
  PRIMARY KEY (run_id, node_label, root_run_id)
);

CREATE INDEX node_executions_changes ON node_executions (root_run_id, version);

CREATE TABLE node_payloads (
  root_run_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  node_label text COLLATE "C" NOT NULL,
  input bytea,
  input_bytes integer,
  output bytea,
  output_bytes integer,
  PRIMARY KEY (run_id, node_label, root_run_id)
);
ALTER TABLE node_payloads ALTER COLUMN input SET STORAGE EXTERNAL, ALTER COLUMN output SET STORAGE EXTERNAL;

-- Attempts that a later one replaced, whole.
CREATE TABLE node_attempts (
  root_run_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  node_label text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  restart integer NOT NULL,
  status text COLLATE "C" NOT NULL,
  is_source boolean NOT NULL,
  is_sink boolean NOT NULL,
  started_at double precision,
  finished_at double precision,
  error text COLLATE "C",
  input bytea,
  input_bytes integer,
  output bytea,
  output_bytes integer,
  PRIMARY KEY (run_id, node_label, attempt, root_run_id)
);
ALTER TABLE node_attempts ALTER COLUMN input SET STORAGE EXTERNAL, ALTER COLUMN output SET STORAGE EXTERNAL;

CREATE TABLE edge_traversals (
  root_run_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  upstream_label text COLLATE "C" NOT NULL,
  downstream_label text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  traversed_at double precision NOT NULL,
  PRIMARY KEY (run_id, upstream_label, downstream_label, root_run_id)
);

CREATE INDEX edge_traversals_changes ON edge_traversals (root_run_id, version);

-- Trees that were brought in as rows, and the version that they got then: a copy only ever alters what a copy has written.
CREATE TABLE copied_trees (
  root_run_id text COLLATE "C" NOT NULL PRIMARY KEY,
  version bigint NOT NULL
);
`;
