export { compactionDue } from './compaction.ts';
export type { HistoryKept } from './compaction.ts';
export { createStateMachine } from './machine.ts';
export type * from './operation.ts';
export type { HistoryInfo, PageLimits, Request, StateMachine } from './state-machine.ts';
export type { SessionLimits } from './session-table.ts';
