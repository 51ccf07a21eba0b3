/** Sub-runs have names that roots do not have: a list of roots whose names begin alike goes through none of them. */
export const rootsByName = `
CREATE INDEX dag_runs_by_nsref_roots ON dag_runs (dag_nsref, started_at, run_id) WHERE parent_run_id IS NULL;
`;
