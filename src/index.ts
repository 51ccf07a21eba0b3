/** What programs can import: a store, copies from one to another, a recorder over it, a server on it, and a client that follows what it tells. */

export { type FollowOptions, type FollowRunOptions, followRun, type TreeUpdate } from './client/follow/follow.ts';
export type { Connection } from './client/follow/retry.ts';
export type { FollowedEdge, FollowedNode, FollowedPart, FollowedRun, FollowedTree } from './client/follow/tree.ts';
export { nullRecorder } from './client/nullRecorder.ts';
export { type RawJson, rawJson } from './client/rawJson.ts';
export {
  createRecorder,
  type NewRun,
  type NodeStart,
  type Outcome,
  type Recorder,
  type RecorderOptions,
  type When,
} from './client/recorder.ts';
export { serialise } from './client/serialise.ts';
export { type Config, loadConfig } from './config.ts';
export { Fault, type FaultCode, RecordingRefused } from './errors.ts';
export type * from './model.ts';
export { type Context, type ContextOptions, createContext } from './schema/context.ts';
export { schema } from './schema/index.ts';
export { DEFAULT_LIMITS, type Limits } from './schema/limits.ts';
export { createLogger, type Logger } from './server/log.ts';
export { type RunningServer, type ServerOptions, startServer } from './server/server.ts';
export { type CopyOptions, copyTrees } from './store/copy/copy.ts';
export type { Problem, Tally } from './store/copy/tally.ts';
export { type Opened, type OpenOptions, openStore } from './store/open.ts';
export type { Store } from './store/store.ts';
export { version } from './version.ts';
