export { createStateMachine } from './machine.ts';
export type * from './operation.ts';
export type { HistoryInfo, PageLimits, Request, StateMachine } from './state-machine.ts';
