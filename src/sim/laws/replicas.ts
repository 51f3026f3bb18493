/**
 * What replicas promise of themselves, looked at when the run is over. The committed log is done once more, entry by
 * entry, on two replicas: one that is never cleaned up, and one whose clock stands still, so that only requests change
 * it. On the second no session and no lease ends, so what it holds is compared with nobody.
 *
 *   the digest tells states apart   after a change it is another one; else a replica that missed it would look equal
 *   history is kept                 a node has every event from its floor on, whatever it has cleaned up
 *
 *   7@2 compact to 5, digest 51ab… before and after        <- broken: replicas may differ in what can be read
 *   floor 5, events of revisions 6, 7, 8 are in memory     <- broken: who watches from 5 was promised that of 5 too
 */
import { createStateMachine } from '../../kv/index.ts';
import type { SessionLimits } from '../../kv/index.ts';
import type { Reply, Revision } from '../../kv/operation.ts';
import type { Request, StateMachine } from '../../kv/state-machine.ts';
import type { NodeId } from '../../raft/index.ts';
import type { CommittedEntry, CommittedLog } from '../linearizability/index.ts';
import { LawBroken } from './law.ts';

export interface Replica {
  readonly node: NodeId;
  readonly machine: Pick<StateMachine, 'appliedIndex' | 'history'>;
}

export interface ReplicaOptions {
  /** Of the cluster. @default those of the product */
  readonly sessionLimits?: SessionLimits;
  /** In place of a new one: on it the digest is looked at. */
  readonly still?: StateMachine;
}

/** @throws LawBroken */
export function checkReplicas(
  log: CommittedLog,
  replicas: readonly Replica[],
  nowMs: number,
  { sessionLimits, still = createStateMachine(sessionLimits) }: ReplicaOptions = {},
): void {
  const whole = createStateMachine(sessionLimits);
  const events = new EventCounts();
  const kept = new KeptReplies();
  for (const entry of log) {
    fillGap(still, entry.index);
    applyTold(still, entry, kept, nowMs);
    fillGap(whole, entry.index);
    whole.apply(entry.index, entry.clusterTimeMs, entry.requests, entry.term);
    events.after(whole);
  }
  for (const { node, machine } of replicas) {
    if (machine.appliedIndex < whole.appliedIndex) continue;
    const { floor, eventCount } = machine.history;
    const promised = events.from(floor);
    if (eventCount >= promised) continue;
    const sentence = `it holds ${eventCount} events, where its history from revision ${floor} on has ${promised}`;
    throw new LawBroken('history is kept', node, nowMs, sentence);
  }
}

/** Entries without requests are not in the log; the state machine counts them. */
function fillGap(machine: StateMachine, index: number): void {
  while (machine.appliedIndex < index - 1) machine.apply(machine.appliedIndex + 1, STILL_MS, []);
}

const STILL_MS = 0;

function applyTold(
  machine: StateMachine,
  { index, term, requests }: CommittedEntry,
  kept: KeptReplies,
  nowMs: number,
): void {
  const { revision } = machine;
  const { floor } = machine.history;
  const digest = machine.digest();
  const replies = machine.apply(index, STILL_MS, requests, term);
  const isKept = kept.grow(requests, replies);
  const isChanged = isKept || machine.revision !== revision || machine.history.floor !== floor;
  if (!isChanged || machine.digest() !== digest) return;
  const sentence = `entry ${index}@${term} changes the state, and its digest stays ${digest}`;
  throw new LawBroken('the digest tells states apart', null, nowMs, sentence);
}

/** The replies that sessions keep: one more, for good or until it is acknowledged, is another state. */
class KeptReplies {
  readonly #numbers = new Set<string>();

  /** Whether one of the requests is answered for the first time in its session, or marked as never to be. */
  grow(requests: readonly Request[], replies: readonly Reply[]): boolean {
    const numbers = requests.flatMap((request, ordinal) => numberOf(request, replies[ordinal]));
    const before = this.#numbers.size;
    for (const number of numbers) this.#numbers.add(number);
    return this.#numbers.size > before;
  }
}

function numberOf({ session, sequence, operation }: Request, reply: Reply | undefined): string[] {
  if (reply === undefined) return [];
  if (operation.type === 'resolve') {
    const isMarked = reply.type === 'resolve' && reply.resolution.type === 'never';
    return isMarked ? [`${operation.session}/${operation.sequence}`] : [];
  }
  const isRefused = reply.type === 'failure' && NOT_KEPT.has(reply.failure.code);
  return session === 0n || isRefused ? [] : [`${session}/${sequence}`];
}

/** What a session says of the request's number, and not of the request. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'SESSION_EXPIRED',
  'SEQUENCE_ACKNOWLEDGED',
  'RESOLVED_NEVER',
  'TOO_MANY_UNACKNOWLEDGED',
]);

/** How many events there are of each revision. */
class EventCounts {
  /** At most so many are of earlier revisions. */
  readonly #below = new Map<Revision, number>();
  #revision: Revision = 1;
  #total = 0;

  /** Of the revisions that one entry makes, the first begins where the entry does, and each has an event at least. */
  after({ revision, history }: StateMachine): void {
    this.#below.set(this.#revision + 1, this.#total);
    for (let at = this.#revision + 2; at <= revision; at += 1) {
      this.#below.set(at, history.eventCount - (revision - at + 1));
    }
    this.#revision = revision;
    this.#total = history.eventCount;
  }

  /** At least so many are of this revision or later. */
  from(floor: Revision): number {
    return this.#total - (this.#below.get(floor) ?? 0);
  }
}
