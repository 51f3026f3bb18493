import * as fc from 'fast-check';
import type { Entry } from '../../../src/raft/entry.ts';
import type { Write } from '../../../src/raft/io.ts';
import type { HardState } from '../../../src/raft/types.ts';
import type { LogStore } from '../../../src/storage/index.ts';
import { nodeId, wholeLog } from '../../unit/storage/log-calls.ts';

/** The naive log: an array, replaced as a whole by each write. */
export interface Model {
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
  readonly commitHint: number;
}

export const EMPTY: Model = { entries: [], hardState: { term: 0, votedFor: null }, commitHint: 0 };

/** One write, relative to whatever the log is when it comes. */
export interface Step {
  /** Entries taken off the end first; more than there are takes all. */
  readonly cut: number;
  readonly sizes: readonly number[];
  readonly newTerm: boolean;
}

export const anyStep: fc.Arbitrary<Step> = fc.record({
  cut: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
  ),
  sizes: fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }),
  newTerm: fc.boolean(),
});

export function writeFor(model: Model, step: Step, seq: number): Write {
  const kept = Math.max(0, model.entries.length - step.cut);
  const term = model.hardState.term + (step.newTerm || model.hardState.term === 0 ? 1 : 0);
  const hardState = term === model.hardState.term ? null : { term, votedFor: nodeId(`n${(seq % 3) + 1}`) };
  return {
    seq,
    hardState,
    truncateFrom: kept < model.entries.length ? kept + 1 : null,
    append: step.sizes.map((size, i) => entryOf(kept + 1 + i, term, size)),
    commitHint: Math.min(model.commitHint, kept),
  };
}

export function apply(model: Model, write: Write): Model {
  const kept = model.entries.slice(0, (write.truncateFrom ?? Infinity) - 1);
  return {
    entries: [...kept, ...write.append],
    hardState: write.hardState ?? model.hardState,
    commitHint: write.commitHint,
  };
}

export async function modelOf(log: LogStore): Promise<Model> {
  const { hardState, last, commitHint } = log.recovered;
  return { entries: await wholeLog(log, last.index), hardState, commitHint };
}

function entryOf(index: number, term: number, size: number): Entry {
  if (size % 7 === 0) return { kind: 'noop', index, term };
  if (size % 11 === 0) {
    const membership = { voters: [nodeId('n1'), nodeId(`n${(size % 5) + 2}`)], outgoing: [], learners: [] };
    return { kind: 'membership', index, term, membership };
  }
  return { kind: 'command', index, term, data: new Uint8Array(size).fill(index * 31 + term) };
}

/** The step of a script that two processes can know without telling each other. */
export function stepAt(seq: number): Step {
  const [step] = fc.sample(anyStep, { seed: seq, numRuns: 1 });
  if (step === undefined) throw new Error('no step');
  return step;
}
