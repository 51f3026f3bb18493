/**
 * Every request that a client of this node waits for: who asked, until when, and how much memory it holds. A request
 * is settled exactly once; whoever still holds a reference to a settled one drops it when it comes by.
 */
import { encodeOperation } from '../wire/operation-codec.ts';
import { isLeaseQuery } from '../kv/lease-operation.ts';
import type { AnyQuery, Bytes } from '../kv/operation.ts';
import type { Millis } from '../raft/types.ts';
import type { ReadLevel, RequestId } from '../wire/client-protocol.ts';
import type { ConnectionId } from './loop-io.ts';

interface RequestHead {
  readonly connection: ConnectionId;
  readonly id: RequestId;
  readonly deadline: Millis;
  settled: boolean;
}

export interface WriteRequest extends RequestHead {
  readonly kind: 'write';
  readonly session: bigint;
  readonly sequence: number;
  /** As the client encoded it; checked at admission. */
  readonly operation: Bytes;
  /** True from the moment it may stand in some leader's log until it is known to be lost. */
  mayApply: boolean;
}

export interface ReadRequest extends RequestHead {
  readonly kind: 'read';
  readonly level: ReadLevel;
  readonly minRevision: number;
  readonly query: AnyQuery;
}

export type ClientRequest = WriteRequest | ReadRequest;

/** What a request costs beside its operation's bytes, roughly. */
const REQUEST_OVERHEAD_BYTES = 256;
const LEASE_QUERY_BYTES = 16;

export class RequestTable {
  readonly #open = new Map<ConnectionId, Map<RequestId, ClientRequest>>();
  #bytes = 0;
  #count = 0;
  /** Not later than the earliest deadline of all open requests. */
  #nextDeadline: Millis = Number.POSITIVE_INFINITY;

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  get nextDeadline(): Millis {
    return this.#nextDeadline;
  }

  openConnection(connection: ConnectionId): void {
    this.#open.set(connection, new Map());
  }

  inFlight(connection: ConnectionId): number {
    return this.#open.get(connection)?.size ?? 0;
  }

  has(connection: ConnectionId, id: RequestId): boolean {
    return this.#open.get(connection)?.has(id) ?? false;
  }

  add(request: ClientRequest): void {
    const requests = this.#open.get(request.connection);
    if (requests === undefined) throw new Error(`request on unknown connection ${request.connection}`);
    requests.set(request.id, request);
    this.#count += 1;
    this.#bytes += heldBytes(request);
    this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
  }

  /** True when it was open until now: the caller owes the one answer. */
  settle(request: ClientRequest): boolean {
    if (request.settled) return false;
    request.settled = true;
    this.#open.get(request.connection)?.delete(request.id);
    this.#count -= 1;
    this.#bytes -= heldBytes(request);
    return true;
  }

  /** Nobody waits for it any more. */
  cancel(connection: ConnectionId, id: RequestId): void {
    const request = this.#open.get(connection)?.get(id);
    if (request !== undefined) this.settle(request);
  }

  /** Nobody listens any more: what is open is settled without an answer. */
  closeConnection(connection: ConnectionId): void {
    for (const request of this.#open.get(connection)?.values() ?? []) this.settle(request);
    this.#open.delete(connection);
  }

  /** Open requests whose deadline has come. */
  expired(now: Millis): ClientRequest[] {
    if (now < this.#nextDeadline) return [];
    const expired: ClientRequest[] = [];
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const request of this.all()) {
      if (request.deadline <= now) expired.push(request);
      else this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
    }
    return expired;
  }

  *all(): Generator<ClientRequest> {
    for (const requests of this.#open.values()) yield* requests.values();
  }
}

function heldBytes(request: ClientRequest): number {
  return (
    REQUEST_OVERHEAD_BYTES + (request.kind === 'write' ? request.operation.length : queryBytes(request.query))
  );
}

/** What a query holds: its keys, or the ends of its range. */
export function queryBytes(query: AnyQuery): number {
  if (isLeaseQuery(query)) return LEASE_QUERY_BYTES;
  if (query.type === 'txn') return encodeOperation(query).length;
  if (query.type === 'past') return queryBytes(query.read);
  if (query.type === 'scan') return query.range.start.length + (query.range.end?.length ?? 0);
  let bytes = 0;
  for (const key of query.keys) bytes += key.length;
  return bytes;
}
