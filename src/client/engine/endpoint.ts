/** An address at which a node of the cluster may be, and what we make of it. */
import type { ErrorCode, QuorateError } from '../../wire/errors.ts';
import type { ConnectionId, Link } from './link.ts';
import { redialDelayMs } from './retry-policy.ts';
import type { Random } from './retry-policy.ts';
import type { Millis } from './request.ts';
import { REDIAL_LEFT_MS, REDIAL_REFUSED_MS, SETTLED_CONNECTION_MS } from './timing.ts';

/** Refusals that asking again does not change. */
const FOR_GOOD: readonly ErrorCode[] = ['WRONG_CLUSTER', 'PROTOCOL_MISMATCH'];

export function isForGood(failure: QuorateError | null): failure is QuorateError {
  return failure !== null && FOR_GOOD.includes(failure.code);
}

export type Phase =
  /** The circuit is open until `dialAt`. */
  | { readonly kind: 'idle'; readonly dialAt: Millis }
  /** From dialling to welcome. */
  | { readonly kind: 'dialing'; readonly connection: ConnectionId; readonly deadline: Millis }
  | { readonly kind: 'open'; readonly link: Link };

export class Endpoint {
  /** `host:port`. */
  readonly address: string;
  /** Given by the caller: never forgotten, whatever the members say. */
  readonly seed: boolean;
  phase: Phase = { kind: 'idle', dialAt: Number.NEGATIVE_INFINITY };
  /** Who answered here last, or who is said to be here. */
  nodeId: string | null;
  /** Why the last attempt or connection ended; null after a welcome. */
  failure: QuorateError | null = null;
  #failures = 0;

  constructor(address: string, seed: boolean, nodeId: string | null) {
    this.address = address;
    this.seed = seed;
    this.nodeId = nodeId;
  }

  welcomed(link: Link): void {
    this.phase = { kind: 'open', link };
    this.nodeId = link.nodeId;
    this.failure = null;
  }

  /** The attempt or connection ended; the next one waits the longer the more failed in a row. */
  failed(failure: QuorateError, now: Millis, random: Random): void {
    const settled = this.phase.kind === 'open' && now - this.phase.link.openedAt >= SETTLED_CONNECTION_MS;
    if (settled) this.#failures = 0;
    const delayMs = isForGood(failure) ? REDIAL_REFUSED_MS : redialDelayMs(this.#failures, random);
    this.#failures += 1;
    this.failure = failure;
    this.phase = { kind: 'idle', dialAt: now + delayMs };
  }

  /** Ended without a fault: the node said goodbye, or we are connected to it elsewhere. */
  left(now: Millis): void {
    this.#failures = 0;
    this.phase = { kind: 'idle', dialAt: now + REDIAL_LEFT_MS };
  }
}
