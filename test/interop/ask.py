"""
What lythonic itself tells about all root runs of a file, each with everything inside it, as JSON by run id:

    python ask.py FILE

Opening a file, lythonic makes its tables where there are none.
"""

import json
import pathlib
import sys

from lythonic.compose.dag_provenance import DagProvenance

provenance = DagProvenance(pathlib.Path(sys.argv[1]))
roots = [run.run_id for run in provenance.get_recent_runs(limit=10**6) if run.parent_run_id is None]
told = {run_id: provenance.inspect_run(run_id) for run_id in roots}
print(json.dumps({run_id: run and run.model_dump(mode="json") for run_id, run in told.items()}))
