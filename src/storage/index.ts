export { DataDirectory, type DataDirectoryOptions, openDataDirectory } from './data-directory.ts';
export type { Identity } from './identity.ts';
export type {
  Disk,
  EngineBatch,
  EngineRecord,
  FileEngine,
  KeyValueEngine,
  LogFolder,
  LogStore,
  OpenEngineOptions,
  Place,
} from './interfaces.ts';
export { LOCAL_DISK } from './local-disk.ts';
export { type OpenLogOptions, openLog } from './log-opening.ts';
export type { Schedule } from './watermark.ts';
