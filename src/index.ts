/** What programs can import: a store, a recorder over it, and a server on it. */

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
export { type Opened, type OpenOptions, openStore } from './store/open.ts';
export type { Store } from './store/store.ts';
export { version } from './version.ts';
