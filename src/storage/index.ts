export { DataDirectory, type DataDirectoryOptions, openDataDirectory } from './data-directory.ts';
export type { Identity } from './identity.ts';
export type {
  EngineBatch,
  EngineRecord,
  FileEngine,
  KeyValueEngine,
  LogStore,
} from './interfaces.ts';
export { type OpenLogOptions, openLog } from './log-opening.ts';
export type { Schedule } from './watermark.ts';
