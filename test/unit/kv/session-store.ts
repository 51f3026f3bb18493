import { createStateMachine, type Operation, type Reply, type SessionLimits } from '../../../src/kv/index.ts';
import { SESSION_LIMITS } from '../../../src/kv/session-table.ts';
import { request, Store } from './store.ts';

interface Place {
  readonly acknowledgedThrough?: number;
  readonly atMs?: number;
}

export const TERM = 4;
export const TTL_MS = 1_000;
export const open: Operation = { type: 'sessionOpen', ttlMs: TTL_MS };

/** A store with one session at cluster time 0. */
export class Sessions {
  readonly store: Store;
  readonly id: bigint;

  constructor(limits: SessionLimits = SESSION_LIMITS) {
    this.store = new Store(createStateMachine(limits));
    this.id = this.open(0);
  }

  open(atMs: number): bigint {
    const reply = this.outside(open, atMs);
    if (reply.type !== 'sessionOpen') throw new Error('no session');
    return reply.session;
  }

  outside(operation: Operation, atMs = 0, term = TERM): Reply {
    return this.#apply([request(operation)], atMs, term);
  }

  write(sequence: number, operation: Operation, place: Place = {}, session = this.id): Reply {
    const { acknowledgedThrough = 0, atMs = 0 } = place;
    return this.#apply([{ ...request(operation), session, sequence, acknowledgedThrough }], atMs, TERM);
  }

  resolve(sequence: number, session = this.id): Reply {
    return this.outside({ type: 'resolve', session, sequence });
  }

  #apply(requests: Parameters<Store['machine']['apply']>[2], atMs: number, term: number): Reply {
    const { machine } = this.store;
    const [reply] = machine.apply(machine.appliedIndex + 1, atMs, requests, term);
    if (reply === undefined) throw new Error('a request without a reply');
    return reply;
  }
}

export function codeOf(reply: Reply): string {
  return reply.type === 'failure' ? reply.failure.code : reply.type;
}
