/**
 * Writes in a session: each has a number, under which it takes effect once however often it is sent. One that comes
 * too late for its session was not done if it was sent only once, and then gets a number in the next.
 */
import type { QuorateError } from '../../wire/errors.ts';
import { withOperation } from './failures.ts';
import type { Request, Written } from './request.ts';
import type { SessionKeeper } from './session-keeper.ts';

export interface Slot {
  readonly session: bigint;
  readonly sequence: number;
  /** How far below it all replies are acknowledged; null: none is. */
  back(): number | null;
  settled(): void;
  unknown(): void;
}

/** Whether it waits for a number. */
export function lacksSession({ work, slot, place }: Request): boolean {
  return work.kind === 'write' && slot === null && (place.at === 'queued' || place.at === 'delayed');
}

/** False while there is no number for it. */
export function hasSlot(request: Request, keeper: SessionKeeper | null): boolean {
  if (keeper === null || request.work.kind !== 'write' || request.slot !== null) return true;
  const sequences = keeper.current;
  const sequence = sequences?.take() ?? null;
  if (sequences === null || sequence === null) return false;
  request.slot = {
    session: sequences.session,
    sequence,
    back: () => sequences.back(sequence),
    settled: () => sequences.settled(sequence),
    unknown: () => sequences.unknown(sequence),
  };
  return true;
}

/** What the state machine's word on a write in a session means for the engine. */
export function wordOn(
  request: Request,
  { reply }: Written,
  keeper: SessionKeeper | null,
): 'final' | 'anew' | 'later' {
  const { slot } = request;
  if (slot === null || reply.type !== 'failure') return 'final';
  if (reply.failure.code === 'TOO_MANY_UNACKNOWLEDGED') {
    keeper?.crowded(slot.session);
    return 'later';
  }
  if (reply.failure.code !== 'SESSION_EXPIRED') return 'final';
  keeper?.lost(slot.session);
  return request.unsure ? 'final' : 'anew';
}

/** The last word on the request, with what its caller may ask later. */
export function settleSlot(request: Request, error: QuorateError | null): QuorateError | null {
  const { slot } = request;
  if (slot === null) return error;
  if (error?.outcome !== 'unknown') {
    slot.settled();
    return error;
  }
  slot.unknown();
  return withOperation(error, `${slot.session}/${slot.sequence}`);
}
