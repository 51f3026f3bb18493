export { MalformedHistory } from './assumptions.ts';
export { checkBlackBox } from './black-box.ts';
export type { BlackBoxOptions, Refutation, Verdict } from './black-box.ts';
export { describeOperation } from './describe.ts';
export { UNSTATED } from './history.ts';
export type {
  Answer,
  ClientOperation,
  CommittedEntry,
  CommittedLog,
  History,
  Interval,
  Outcome,
  ReadOperation,
  WriteOperation,
} from './history.ts';
export type { Model, TimedCall } from './model.ts';
export { counterModel } from './models/counter.ts';
export { registerModel } from './models/register.ts';
export { NotModelled } from './not-modelled.ts';
export { search } from './search.ts';
export type { Budget, SearchOptions, SearchResult } from './search.ts';
export { judge } from './judge.ts';
export type { Judgement } from './judge.ts';
export type { Violation, WitnessLaw } from './witness/violation.ts';
export { checkWitness } from './witness/witness.ts';
export type { WitnessVerdict } from './witness/witness.ts';
export { readLines, writeLine } from './json-lines.ts';
