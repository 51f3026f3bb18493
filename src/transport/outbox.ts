/**
 * What waits for one peer until the turn ends, and in which frames it leaves. Pure.
 *
 *   waiting = in the outbox + not yet taken by the kernel
 *
 *   | waiting           | raft append with entries | other raft messages | everything else                    |
 *   |-------------------|--------------------------|---------------------|------------------------------------|
 *   | up to the soft    | queued                   | queued              | queued                             |
 *   | up to the hard    | dropped                  | queued              | queued                             |
 *   | above             | dropped                  | dropped             | cannot be kept: the link must end  |
 *
 * Raft repeats what it misses, so its messages may be dropped, the bulky ones first: heartbeats and votes still get
 * through a slow link. Whoever sent anything else counts on it arriving, or on hearing that the link went down.
 */
import type { Message } from '../raft/message.ts';
import type { PeerMessage } from '../wire/peer-protocol.ts';

export interface OutboxLimits {
  /** A frame is closed before it grows above this; a single larger message has a frame of its own. */
  readonly frameBytesTarget: number;
  readonly bufferedBytesSoft: number;
  readonly bufferedBytesHard: number;
}

export type Queued = 'queued' | 'dropped' | 'overflow';

export class Outbox {
  readonly #limits: OutboxLimits;
  #messages: PeerMessage[] = [];
  #sizes: number[] = [];
  #bytes = 0;

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  /** Estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `inSocket`: bytes that the kernel has not taken yet. */
  push(message: PeerMessage, inSocket: number): Queued {
    const waiting = this.#bytes + inSocket;
    if (waiting > this.#limits.bufferedBytesHard) return message.type === 'raft' ? 'dropped' : 'overflow';
    if (waiting > this.#limits.bufferedBytesSoft && isBulk(message)) return 'dropped';
    const bytes = estimatedBytes(message);
    this.#messages.push(message);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
    return 'queued';
  }

  /** Everything, in order, as the messages of one frame, or of several when one would be too large. */
  take(): readonly (readonly PeerMessage[])[] {
    const [messages, sizes] = [this.#messages, this.#sizes];
    const whole = this.#bytes <= this.#limits.frameBytesTarget;
    this.#messages = [];
    this.#sizes = [];
    this.#bytes = 0;
    if (messages.length === 0) return [];
    return whole ? [messages] : split(messages, sizes, this.#limits.frameBytesTarget);
  }
}

function split(
  messages: readonly PeerMessage[],
  sizes: readonly number[],
  bytesTarget: number,
): readonly (readonly PeerMessage[])[] {
  const frames: PeerMessage[][] = [];
  let open: PeerMessage[] = [];
  let openBytes = 0;
  messages.forEach((message, place) => {
    const bytes = sizes[place] ?? 0;
    if (open.length > 0 && openBytes + bytes > bytesTarget) {
      frames.push(open);
      open = [];
      openBytes = 0;
    }
    open.push(message);
    openBytes += bytes;
  });
  return [...frames, open];
}

/** Tags, ids and numbers around the bytes that make a message large; generous rather than exact. */
const HEAD_BYTES = 128;
const ENTRY_HEAD_BYTES = 32;
const REQUEST_HEAD_BYTES = 32;
const RESULT_BYTES = 64;

export function estimatedBytes(message: PeerMessage): number {
  switch (message.type) {
    case 'raft':
      return HEAD_BYTES + entryBytes(message.message);
    case 'forward':
      return message.requests.reduce(
        (sum, { operation }) => sum + REQUEST_HEAD_BYTES + operation.length,
        HEAD_BYTES,
      );
    case 'forwarded':
      return message.results.reduce(
        (sum, result) => sum + RESULT_BYTES + (result.accepted ? 0 : result.message.length),
        HEAD_BYTES,
      );
    case 'genesis':
      return HEAD_BYTES + message.genesis.voters.length * RESULT_BYTES;
    case 'hello':
    case 'refuse':
    case 'readIndex':
    case 'readIndexReply':
    case 'ping':
      return HEAD_BYTES;
  }
}

function entryBytes(message: Message): number {
  if (message.type !== 'append' && message.type !== 'pullReply') return 0;
  return message.entries.reduce(
    (sum, entry) => sum + ENTRY_HEAD_BYTES + (entry.kind === 'command' ? entry.data.length : 0),
    0,
  );
}

function isBulk(message: PeerMessage): boolean {
  return message.type === 'raft' && entryBytes(message.message) > 0;
}
