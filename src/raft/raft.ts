import { takeApply, onApplyFetched } from './apply.ts';
import { invariant, unreachable } from './assert.ts';
import type { Core } from './core.ts';
import { deliver } from './dispatch.ts';
import { onElectionTimer, onVoteDurable, speakOfElection } from './election.ts';
import type { Entry } from './entry.ts';
import { fingerprintOf } from './fingerprint.ts';
import { acknowledgeAppends } from './follower.ts';
import type { DurableState, Fetch, Input, Leadership, Output, RaftOptions, Write } from './io.ts';
import { advanceCommit, checkQuorum, propose, read } from './leader.ts';
import { onLink } from './link.ts';
import { RaftLog } from './log.ts';
import { Pace } from './pace.ts';
import { onPeerFetched, Replication } from './replication.ts';
import { onPullFetched, orderPulled } from './serve-pull.ts';
import { checkState, checkStateThoroughly } from './state-laws.ts';
import { type RaftStatus, statusOf } from './status.ts';
import { nextWake, restartElectionTimer } from './timing.ts';
import { abdicateWhenStuck, offerLeadership, transfer, watchHandover } from './transfer.ts';
import { type Before, checkTransition, newBefore, remember } from './transition-laws.ts';
import { newFollower } from './transitions.ts';
import type { LogIndex, Millis, WriteSeq } from './types.ts';
import { WriteQueue } from './write-queue.ts';

/**
 * Raft without I/O: `step` says what is true, `drain` says what may be said.
 *
 * Nothing here waits, reads a clock or talks. Durability is part of the state (`writes.durable`), and every promise
 * is derived from it at drain, so a runtime cannot send a promise before the disk has it: it never holds one.
 */
export class Raft {
  readonly #core: Core;
  readonly #before: Before;
  readonly #thorough: boolean;

  private constructor(core: Core) {
    this.#core = core;
    this.#before = newBefore(core);
    this.#thorough = core.options.checkInvariants === 'all';
  }

  static restore(options: RaftOptions, durable: DurableState, now: Millis): Raft {
    checkOptions(options);
    invariant(durable.commitHint <= durable.last.index, 'storage knows of no commit beyond its log');
    invariant(durable.last.term <= durable.hardState.term, 'storage holds no entry of a later term');
    const core = coreFrom(options, durable, now);
    restartElectionTimer(core, now);
    return new Raft(core);
  }

  /** Changes state only. Any number of steps, then one drain. */
  step(input: Input, now: Millis): void {
    const core = this.#core;
    remember(this.#before, core);
    watchHandover(core, now);
    if (core.role.kind === 'leader') checkQuorum(core, core.role, now);
    if (core.role.kind === 'leader') abdicateWhenStuck(core, core.role, now);
    take(core, input, now);
    watchHandover(core, now);
    checkTransition(this.#before, core);
    checkState(core);
    if (this.#thorough) checkStateThoroughly(core);
  }

  /** What may be said by now. Never changes what is true, except that it has been said. */
  drain(now: Millis): Output {
    const core = this.#core;
    const fetches: Fetch[] = [];
    const persist = takeWrite(core, now);
    speakOfElection(core);
    acknowledgeAppends(core, now);
    if (core.role.kind === 'leader') new Replication(core, core.role, now, fetches).toAll();
    offerLeadership(core, now);
    orderPulled(core, fetches);
    const apply: readonly Entry[] = takeApply(core, fetches);
    core.log.evict(Math.min(core.applied, core.writes.durable.index), core.options.tailBytesMax);
    const { outbox: messages, settled } = core;
    core.outbox = [];
    core.settled = [];
    return {
      persist,
      messages,
      apply,
      fetches,
      settled,
      leadership: takeLeadership(core),
      wakeAt: nextWake(core, now),
    };
  }

  status(): RaftStatus {
    return statusOf(this.#core);
  }

  /** Everything that decides what this node will do next, as text (fingerprint.ts). */
  fingerprint(now: Millis): string {
    return fingerprintOf(this.#core, now);
  }
}

function take(core: Core, input: Input, now: Millis): void {
  switch (input.type) {
    case 'wake':
      return core.role.kind === 'leader' ? undefined : onElectionTimer(core, now);
    case 'message':
      return deliver(core, input.message, now);
    case 'persisted':
      return onPersisted(core, input.through, now);
    case 'applied':
      return onApplied(core, input.through);
    case 'propose':
      return propose(core, input.ref, input.payloads, now);
    case 'read':
      return read(core, input.ref);
    case 'transfer':
      return transfer(core, input.ref, input.to, now);
    case 'fetched':
      if (core.fetches.applyFetch === input.fetch) return onApplyFetched(core, input.entries);
      if (core.serving?.fetch === input.fetch) return onPullFetched(core, core.serving, input.entries);
      return onPeerFetched(core, input.fetch, input.entries);
    case 'link':
      return onLink(core, input.peer, input.up, now);
    default:
      return unreachable(input);
  }
}

function onPersisted(core: Core, through: WriteSeq, now: Millis): void {
  const { inFlight, oldestIssuedAt } = core.writes;
  core.writes.acknowledge(through);
  const isNews = core.writes.inFlight < inFlight;
  if (isNews && oldestIssuedAt !== null) core.pace.observe(now - oldestIssuedAt, now);
  onVoteDurable(core, now);
  if (core.role.kind === 'leader') advanceCommit(core, core.role, now);
}

function onApplied(core: Core, through: LogIndex): void {
  core.applied = Math.max(core.applied, through);
}

/** Everything that changed since the last drain, as one atomic batch. */
function takeWrite(core: Core, now: Millis): Write | null {
  if (core.writes.inFlight >= core.options.writesInFlightMax) return null;
  const { lastHardState } = core.writes;
  const renewed = lastHardState.term !== core.term || lastHardState.votedFor !== core.votedFor;
  if (!renewed && !core.log.hasUnwritten()) return null;
  const hardState = renewed ? { term: core.term, votedFor: core.votedFor } : lastHardState;
  const { truncateFrom, append } = core.log.takeUnwritten();
  return {
    seq: core.writes.issue(hardState, core.log.lastIndex, now),
    hardState: renewed ? hardState : null,
    truncateFrom,
    append,
    commitHint: core.committed,
  };
}

function takeLeadership(core: Core): Leadership | null {
  const { announced } = core;
  const role = core.role.kind;
  if (announced.term === core.term && announced.leader === core.leader && announced.role === role)
    return null;
  core.announced = { term: core.term, leader: core.leader, role };
  return core.announced;
}

function coreFrom(options: RaftOptions, durable: DurableState, now: Millis): Core {
  const { hardState } = durable;
  return {
    options,
    id: options.id,
    log: new RaftLog(durable),
    writes: new WriteQueue(hardState, durable.last.index),
    pace: new Pace(options),
    term: hardState.term,
    votedFor: hardState.votedFor,
    leader: null,
    role: newFollower(now),
    committed: durable.commitHint,
    handedOut: 0,
    applied: 0,
    leaderHeardAt: -Infinity,
    electionDeadline: Infinity,
    hintDeadline: null,
    roundsAlone: 0,
    linksDown: new Set(),
    handover: null,
    fetches: { lastId: 0, applyFetch: null, applyEntries: [] },
    serving: null,
    outbox: [],
    settled: [],
    announced: { term: hardState.term, leader: null, role: 'follower' },
    malformed: 0,
  };
}

function checkOptions(options: RaftOptions): void {
  const { heartbeatMs, electionTimeoutMinMs, electionTimeoutMaxMs } = options;
  invariant(heartbeatMs > 0, 'a heartbeat takes time');
  invariant(electionTimeoutMinMs > heartbeatMs, 'an election timeout outlasts a heartbeat');
  invariant(electionTimeoutMaxMs >= electionTimeoutMinMs, 'the election timeout range is not empty');
  invariant(options.writesInFlightMax >= 1, 'a write may be in flight');
  invariant(options.windowMessages >= 1, 'a window admits a message');
}
