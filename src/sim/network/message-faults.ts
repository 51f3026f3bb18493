/**
 * What an unreliable network does to raft messages: they are lost, doubled, overtaken, and come again seconds later.
 * TCP hides all of this, and the core must not lean on it (raft-core 4.2 item 3). Other messages of a frame, which do
 * lean on the order of their link, pass untouched.
 */
import { decodePeerFrame, encodePeerMessages } from '../../wire/peer-codec.ts';
import type { PeerMessage } from '../../wire/peer-protocol.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { MessageFaults } from './weather.ts';

/** Frames here come from our own encoder. */
const FRAME_LIMITS = { frameBytesMax: 64 * 1024 * 1024 };

export interface Treated {
  /** What arrives in its turn; null for nothing. */
  readonly inTurn: Uint8Array | null;
  /** What arrives by itself, so much later. */
  readonly later: readonly { readonly delayMs: number; readonly bytes: Uint8Array }[];
  readonly replays: readonly { readonly delayMs: number; readonly bytes: Uint8Array }[];
}

const UNTOUCHED = (bytes: Uint8Array): Treated => ({ inTurn: bytes, later: [], replays: [] });

export class MessageTreatment {
  readonly counts = { dropped: 0, doubled: 0, delayed: 0, replayed: 0 };

  treat(frame: Uint8Array, faults: MessageFaults, draws: RandomStream): Treated {
    const total = faults.dropped + faults.doubled + faults.delayed + faults.replayed;
    if (total === 0 || !draws.chance(Math.min(100, total))) return UNTOUCHED(frame);
    const decoded = decodePeerFrame(frame, FRAME_LIMITS);
    if (!decoded.ok || decoded.value.some(({ type }) => type === 'hello' || type === 'refuse'))
      return UNTOUCHED(frame);
    const raft = decoded.value.filter(({ type }) => type === 'raft');
    if (raft.length === 0) return UNTOUCHED(frame);
    const others = decoded.value.filter(({ type }) => type !== 'raft');
    return this.#apply(drawKind(faults, total, draws), frame, raft, others, draws);
  }

  #apply(
    kind: keyof MessageFaults,
    frame: Uint8Array,
    raft: readonly PeerMessage[],
    others: readonly PeerMessage[],
    draws: RandomStream,
  ): Treated {
    this.counts[kind] += raft.length;
    const alone = others.length === 0 ? null : encodePeerMessages(others);
    const again = { delayMs: draws.between(1, 100), bytes: encodePeerMessages(raft) };
    switch (kind) {
      case 'dropped':
        return { inTurn: alone, later: [], replays: [] };
      case 'doubled':
        return { inTurn: frame, later: [again], replays: [] };
      case 'delayed':
        return { inTurn: alone, later: [again], replays: [] };
      case 'replayed':
        return { inTurn: frame, later: [], replays: [{ ...again, delayMs: draws.between(200, 10_000) }] };
    }
  }
}

function drawKind(faults: MessageFaults, total: number, draws: RandomStream): keyof MessageFaults {
  let drawn = (draws.below(10_000) / 10_000) * total;
  for (const kind of ['dropped', 'doubled', 'delayed', 'replayed'] as const) {
    drawn -= faults[kind];
    if (drawn < 0) return kind;
  }
  return 'dropped';
}
