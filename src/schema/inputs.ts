/** Descriptions that the inputs of mutations share. */
export const RUN_ID = 'The runId of the run.';
export const NODE_LABEL = 'The label of the node.';
export const AT = "When it happened; the server's clock if absent.";
export const INPUT = 'What has happened.';
