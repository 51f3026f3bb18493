/**
 * The node, as a plain function of its inputs.
 *
 *   loop.step(event, now)    takes in one event
 *   loop.turn(now)           step everything through the core, drain, persist, send, apply, answer; returns wakeAt
 *
 * Any number of events, then one turn: batching of proposals, of messages and of syncs falls out of it. No promise,
 * timer, clock or socket is used here; what cannot be done at once is asked of the ports and comes back as an event.
 */
import type { Entry } from '../raft/entry.ts';
import type { Leadership, Output, Settled } from '../raft/io.ts';
import type { Raft } from '../raft/raft.ts';
import type { Millis } from '../raft/types.ts';
import type { HistoryKept } from '../kv/compaction.ts';
import type { StateMachine } from '../kv/state-machine.ts';
import { decodeEnvelope, peekClusterTime } from '../wire/envelope.ts';
import { ClientSessions } from './client-sessions.ts';
import { ClusterClock } from './cluster-clock.ts';
import { DeadlineKeeper } from './deadline-keeper.ts';
import { HistoryKeeper } from './history-keeper.ts';
import type { LoopTap } from './host.ts';
import { LeaderView } from './leader-view.ts';
import type { LoopEvent, LoopPorts } from './loop-io.ts';
import type { ClusterFacts } from './member-directory.ts';
import { checkForwarded, receivePeerMessages } from './peer-messages.ts';
import { ReadPath } from './read-path.ts';
import type { NodeLimits } from './settings.ts';
import { Stopping } from './stopping.ts';
import { WritePath } from './write-path.ts';

export interface NodeLoopOptions {
  readonly facts: ClusterFacts;
  readonly limits: NodeLimits;
  readonly history: HistoryKept;
  /** The highest stamp in the stored log. */
  readonly clusterTimeMs: Millis;
  readonly heartbeatMs: Millis;
  /** E: without a leader for twice as long, requests that need one are refused with NO_QUORUM. */
  readonly electionTimeoutMaxMs: Millis;
  readonly tap?: LoopTap;
}

/** A turn goes through the core at most this often before others get the loop again. */
const ROUNDS_MAX = 8;

export class NodeLoop {
  readonly #raft: Raft;
  readonly #machine: StateMachine;
  readonly #ports: LoopPorts;
  readonly #limits: NodeLimits;
  readonly #view: LeaderView;
  readonly #clock: ClusterClock;
  readonly #writes: WritePath;
  readonly #reads: ReadPath;
  readonly #clients: ClientSessions;
  readonly #stopping: Stopping;
  readonly #keeper: HistoryKeeper;
  readonly #deadlines: DeadlineKeeper;
  readonly #noQuorumAfterMs: Millis;
  readonly #pauseMs: Millis;
  /** When the last turn wanted the next one at the latest. */
  #wakeAt: Millis = Number.POSITIVE_INFINITY;
  readonly #tap: LoopTap | undefined;

  constructor(raft: Raft, machine: StateMachine, ports: LoopPorts, options: NodeLoopOptions, now: Millis) {
    this.#raft = raft;
    this.#machine = machine;
    this.#ports = ports;
    this.#limits = options.limits;
    this.#tap = options.tap;
    this.#noQuorumAfterMs = 2 * options.electionTimeoutMaxMs;
    this.#pauseMs = options.electionTimeoutMaxMs;
    this.#view = new LeaderView(options.facts.self, now);
    this.#clock = new ClusterClock(options.clusterTimeMs, raft.status().last.index);
    const answers = {
      written: (...args: Parameters<ClientSessions['written']>) => this.#clients.written(...args),
      failed: (...args: Parameters<ClientSessions['failed']>) => this.#clients.failed(...args),
    };
    this.#writes = new WritePath(raft, this.#view, this.#clock, ports, answers, {
      entryBytesMax: options.limits.requestBytesMax,
      retryMs: options.heartbeatMs,
    });
    this.#reads = new ReadPath(
      raft,
      this.#view,
      ports,
      (request) => this.#clients.answerRead(request),
      options.heartbeatMs,
    );
    this.#clients = new ClientSessions(this.#view, machine, ports, this.#writes, this.#reads, options);
    this.#stopping = new Stopping(raft, this.#view, this.#clients, ports);
    this.#keeper = new HistoryKeeper(
      machine,
      this.#view,
      options.history,
      (operation) => this.#writes.proposeOwn(operation),
      now,
    );
    this.#deadlines = new DeadlineKeeper(machine, this.#view, this.#clock, (...own) =>
      this.#writes.proposeOwn(...own),
    );
  }

  /** What this node knows of leader and term, for status and health. */
  get view(): LeaderView {
    return this.#view;
  }

  get openRequests(): number {
    return this.#clients.openRequests;
  }

  /** What the core, the leader or the log owes to this loop; 0 once everything has come to rest. */
  get unanswered(): number {
    return this.#writes.unanswered + this.#reads.unanswered;
  }

  /** Takes in one event. Nothing is sent before the turn. */
  step(event: LoopEvent, now: Millis): void {
    this.#noticePause(now);
    switch (event.type) {
      case 'clientOpened':
        return this.#clients.opened(event.connection, now);
      case 'clientMessages':
        return this.#clients.receive(event.connection, event.messages, this.#refuseLeaderless(now), now);
      case 'clientClosed':
        return this.#clients.closed(event.connection);
      case 'peerUp':
        this.#view.linkUp(event.peer);
        this.#clients.learnAddress(event.peer, event.client);
        this.#raft.step({ type: 'link', peer: event.peer, up: true }, now);
        return this.#writes.routeWaiting();
      case 'peerDown':
        this.#view.linkDown(event.peer);
        this.#writes.peerDown(event.peer);
        this.#reads.peerDown(event.peer);
        return this.#raft.step({ type: 'link', peer: event.peer, up: false }, now);
      case 'peerMessages':
        return receivePeerMessages(event.peer, event.messages, {
          raft: (message) => this.#raft.step({ type: 'message', message }, now),
          forward: (batch, requests) =>
            this.#writes.acceptForwarded(event.peer, batch, checkForwarded(requests, this.#limits)),
          forwarded: (batch, results) => this.#writes.forwardAnswered(event.peer, batch, results, now),
          readIndex: (batch) => this.#reads.askedByPeer(event.peer, batch, now),
          readIndexReply: (batch, index) =>
            this.#reads.questionAnswered(event.peer, batch, index, this.#machine.appliedIndex, now),
        });
      case 'persisted':
        return this.#raft.step({ type: 'persisted', through: event.through }, now);
      case 'fetched':
        return this.#raft.step({ type: 'fetched', fetch: event.fetch, entries: event.entries }, now);
      case 'stop':
        return this.#stopping.begin(now);
    }
  }

  /** Does all that can be done now. Returns when it wants to be called again, at the latest. */
  turn(now: Millis): Millis {
    this.#noticePause(now);
    this.#raft.step({ type: 'wake' }, now);
    this.#clients.expire(now);
    this.#keeper.turn(now);
    this.#deadlines.turn(now);
    this.#stopping.turn(now);
    let coreWakeAt = now;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      this.#writes.flush(now);
      this.#reads.flush(now);
      const output = this.#raft.drain(now);
      this.#dispatch(output, now);
      coreWakeAt = output.wakeAt;
      if (output.apply.length === 0 && output.settled.length === 0 && output.leadership === null) break;
      // What was applied or settled may let the core, or a waiting request, go on at once.
      coreWakeAt = now;
    }
    this.#checkQuorum(now);
    this.#stopping.check(now);
    this.#tap?.turned();
    this.#wakeAt = Math.max(now, this.#nextTurn(coreWakeAt, now));
    return this.#wakeAt;
  }

  /** Called long after it asked to be: the process was paused, and time stood still for those who rely on it. */
  #noticePause(now: Millis): void {
    const lateMs = now - this.#wakeAt;
    if (lateMs >= this.#pauseMs) this.#clock.slept(lateMs);
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  #nextTurn(coreWakeAt: Millis, now: Millis): Millis {
    return Math.min(
      coreWakeAt,
      this.#writes.wakeAt,
      this.#reads.wakeAt,
      this.#clients.wakeAt,
      this.#noQuorumAt(now),
      this.#stopping.wakeAt,
      this.#keeper.wakeAt,
      this.#deadlines.wakeAt,
    );
  }

  #dispatch(output: Output, now: Millis): void {
    this.#tap?.drained(output);
    // The leader's own entries go out before its own sync: the order here lets the network and the disk work at once.
    for (const message of output.messages) this.#ports.toPeer(message.to, { type: 'raft', message });
    if (output.persist !== null) {
      const { truncateFrom, append } = output.persist;
      if (truncateFrom !== null) this.#clock.truncated(truncateFrom);
      for (const entry of append) this.#observeStamp(entry);
      this.#ports.persist(output.persist);
    }
    for (const fetch of output.fetches) this.#ports.fetch(fetch);
    if (output.leadership !== null) this.#leadershipChanged(output.leadership, now);
    for (const settled of output.settled) this.#settled(settled, now);
    if (output.apply.length > 0) this.#apply(output.apply, now);
  }

  #observeStamp(entry: Entry): void {
    if (entry.kind === 'command') this.#clock.appended(entry.index, peekClusterTime(entry.data));
  }

  #leadershipChanged(leadership: Leadership, now: Millis): void {
    const led = this.#view.isLeader;
    const term = this.#view.term;
    this.#view.update(leadership, now);
    if (led && (!this.#view.isLeader || leadership.term !== term)) this.#clock.leadershipEnded();
    if (this.#view.isLeader && (!led || leadership.term !== term)) this.#clock.leadershipBegan(now);
    this.#reads.reask();
    this.#writes.routeWaiting();
    this.#clients.publishTopology();
  }

  #settled(settled: Settled, now: Millis): void {
    switch (settled.type) {
      case 'proposed':
      case 'refused':
        return this.#writes.proposalSettled(settled, now);
      case 'readable':
      case 'unreadable':
        return this.#reads.barrierSettled(settled, this.#machine.appliedIndex, now);
      case 'transferred':
        this.#writes.routeWaiting();
        return this.#stopping.transferred(settled.ok, now);
    }
  }

  #apply(entries: readonly Entry[], now: Millis): void {
    for (const entry of entries) {
      if (entry.kind === 'command') {
        const envelope = decodeEnvelope(entry.data);
        const replies = this.#machine.apply(
          entry.index,
          envelope.clusterTimeMs,
          envelope.requests,
          entry.term,
        );
        this.#writes.applied(entry, replies);
      } else {
        this.#writes.applied(entry, this.#machine.apply(entry.index, 0, [], entry.term));
      }
      this.#tap?.applied(entry);
    }
    this.#clock.applied(this.#machine.appliedIndex, this.#machine.clusterTimeMs);
    this.#raft.step({ type: 'applied', through: this.#machine.appliedIndex }, now);
    this.#reads.applied(this.#machine.appliedIndex, this.#machine.revision);
  }

  #refuseLeaderless(now: Millis): string | null {
    const leaderless = this.#view.leaderlessMs(now);
    if (this.#view.leader !== null || leaderless < this.#noQuorumAfterMs) return null;
    return `no leader for ${(leaderless / 1000).toFixed(1)} s: fewer than a majority of the nodes can reach each other`;
  }

  #checkQuorum(now: Millis): void {
    const refusal = this.#refuseLeaderless(now);
    if (refusal === null || this.#clients.openRequests === 0) return;
    this.#writes.noQuorum(refusal, now);
    this.#reads.noQuorum((request) => this.#clients.failed(request, 'NO_QUORUM', refusal, 'not-applied'));
  }

  #noQuorumAt(now: Millis): Millis {
    if (this.#view.leader !== null || this.#clients.openRequests === 0) return Number.POSITIVE_INFINITY;
    const left = this.#noQuorumAfterMs - this.#view.leaderlessMs(now);
    return left > 0 ? now + left : Number.POSITIVE_INFINITY;
  }
}
