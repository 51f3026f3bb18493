/** What a scenario plays on: the cluster, the clients' record so far, and the account of what it measured. */
import { waitFor } from '../../../scripts/support/wait-for.mjs';
import type { FaultableCluster, FaultNode, Proof } from '../faults/vocabulary.ts';
import type { Lateness } from './lateness.ts';
import type { LeaderTrace } from './leader-trace.ts';
import { isAcknowledgedWrite, isAnswered } from './recorder.ts';
import type { Asked, Recorded, Recorder } from './recorder.ts';
import { RecordingClient } from './recording-client.ts';
import type { RecordingClientOptions } from './recording-client.ts';
import type { NodesOf } from './nodes-of.ts';
import { E_MS } from './scenario.ts';
import { slowedBytes, stoppedBytes } from './proof-counts.ts';
import { longestGapMs } from './service.ts';
import type { Measure } from './scenario.ts';

/** A change of leader that takes this long is not coming; the longest promise about one is 5 E. */
const PATIENCE_MS = 10 * E_MS;
/** Service may also wait for processes that start. */
const SERVICE_PATIENCE_MS = 30_000;
/** A deadline is kept by a timer of a client that shares two cores with the cluster. */
const DEADLINE_SLACK_MS = 400;

/** Notice, campaign, vote, commit: each may wait for a core once. */
const LATE_STEPS = 4;

type Happened = (before: Proof, after: Proof) => boolean;

export interface StageSetting {
  readonly cluster: FaultableCluster;
  readonly recorder: Recorder;
  readonly trace: LeaderTrace;
  readonly lateness: Lateness;
  readonly timeoutMs: number;
}

export class Stage {
  readonly cluster: FaultableCluster;
  readonly trace: LeaderTrace;
  readonly measures: Measure[] = [];
  readonly complaints: string[] = [];
  readonly happenings: { readonly what: string; readonly happened: Happened }[] = [];
  readonly #recorder: Recorder;
  readonly #timeoutMs: number;
  readonly #lateness: Lateness;

  constructor({ cluster, recorder, trace, lateness, timeoutMs }: StageSetting) {
    this.cluster = cluster;
    this.#recorder = recorder;
    this.trace = trace;
    this.#lateness = lateness;
    this.#timeoutMs = timeoutMs;
  }

  /** One more, whose operations are judged with all others; to be closed by whoever asked for it. */
  client(options: Omit<RecordingClientOptions, 'nodes' | 'pinnedTo'>): RecordingClient {
    return new RecordingClient({ ...options, nodes: this.cluster.nodes, pinnedTo: null }, this.#recorder);
  }

  /** Somebody else asks this, and only the log will tell what became of it. */
  unheard(client: string, asked: Asked): void {
    this.#recorder.begin(client, null, asked);
  }

  get now(): number {
    return performance.now();
  }

  get recorded(): readonly Recorded[] {
    return this.#recorder.recorded;
  }

  /** The leader that all nodes know, and the others in order. */
  async roles(): Promise<{ readonly leader: FaultNode; readonly followers: readonly FaultNode[] }> {
    const leader = await waitFor('a leader that all nodes know', async () => {
      const statuses = await Promise.all(this.cluster.nodes.map((node) => this.cluster.status(node)));
      const known = new Set(statuses.map((status) => status.leader));
      return known.size === 1 ? this.cluster.nodes.find(({ id }) => known.has(id)) : undefined;
    });
    return { leader, followers: this.cluster.nodes.filter((node) => node !== leader) };
  }

  /** The clients go on for so long. */
  async pass(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** How long after `sinceMs` the first write begun since then was acknowledged to anybody; waits for it. */
  async servedAfter(sinceMs: number): Promise<number> {
    const served = await waitFor(
      'an acknowledged write',
      () => this.recorded.find((each) => each.operation.callMs >= sinceMs && isAcknowledgedWrite(each)),
      SERVICE_PATIENCE_MS,
    );
    return served.operation.returnMs - sinceMs;
  }

  /** How long after `sinceMs` the nodes saw another lead. */
  async ledByAnother(sinceMs: number, not: FaultNode | null): Promise<number> {
    const atMs = await waitFor(
      'another leader',
      () => this.trace.firstLeaderAfter(sinceMs, not) ?? undefined,
      PATIENCE_MS,
    );
    return atMs - sinceMs;
  }

  /** How long after `sinceMs` this node was seen to lead. */
  async ledBy(sinceMs: number, node: FaultNode): Promise<number> {
    const atMs = await waitFor(
      `${node.id} leads`,
      () => this.trace.ledAfter(sinceMs, node) ?? undefined,
      PATIENCE_MS,
    );
    return atMs - sinceMs;
  }

  /** How long after `sinceMs` this node was first seen not to lead. */
  async steppedDown(sinceMs: number, node: FaultNode): Promise<number> {
    const atMs = await waitFor(
      `${node.id} leads no more`,
      () => this.trace.steppedDownAfter(sinceMs, node) ?? undefined,
      PATIENCE_MS,
    );
    return atMs - sinceMs;
  }

  async untilDown(node: FaultNode): Promise<void> {
    await waitFor(
      `${node.id} is down`,
      async () => {
        const { nodes } = await this.cluster.proof();
        return nodes.find(({ id }) => id === node.id)?.state === 'down' ? true : undefined;
      },
      PATIENCE_MS,
    );
  }

  /** The longest time without an acknowledged write between `sinceMs` and now. */
  gapSince(sinceMs: number): number {
    return longestGapMs(this.recorded, sinceMs, this.now);
  }

  /** Of the seconds since then, how many per cent had an acknowledged write. */
  servedSeconds(sinceMs: number): number {
    const seconds = Math.floor((this.now - sinceMs) / 1_000);
    const served = this.recorded
      .filter((each) => isAcknowledgedWrite(each) && each.operation.returnMs >= sinceMs)
      .map(({ operation }) => Math.floor((operation.returnMs - sinceMs) / 1_000))
      .filter((second) => second < seconds);
    return (new Set(served).size / seconds) * 100;
  }

  /** Of the writes that were begun since then and acknowledged. */
  medianWriteMs(sinceMs: number): number {
    const tookMs = this.recorded
      .filter((each) => isAcknowledgedWrite(each) && each.operation.callMs >= sinceMs)
      .map(({ operation }) => operation.returnMs - operation.callMs)
      .toSorted((a, b) => a - b);
    return tookMs[Math.floor(tookMs.length / 2)] ?? Infinity;
  }

  /** How long until the one says so of its link to the other. */
  async untilLinked(one: FaultNode, other: FaultNode, linked: boolean): Promise<number> {
    const sinceMs = this.now;
    await waitFor(
      `${one.id} is ${linked ? '' : 'not '}linked to ${other.id}`,
      async () => {
        const { members } = await this.cluster.status(one);
        return members.find(({ id }) => id === other.id)?.linked === linked ? true : undefined;
      },
      PATIENCE_MS,
    );
    return this.now - sinceMs;
  }

  /** How many operations were both asked and answered between the two. */
  answeredWithin(fromMs: number, toMs: number): number {
    return this.recorded.filter(
      (each) => isAnswered(each) && each.operation.callMs >= fromMs && each.operation.returnMs <= toMs,
    ).length;
  }

  /** The first so many; a scenario that asks for more than there are is wrong. */
  some<Count extends number>(nodes: readonly FaultNode[], count: Count): NodesOf<Count>;
  some(nodes: readonly FaultNode[], count: number): readonly FaultNode[] {
    if (nodes.length < count) throw new Error(`${count} nodes of ${nodes.length}`);
    return nodes.slice(0, count);
  }

  /** A number of the published table, and the promise about it. */
  measure(
    what: string,
    value: number,
    promise: { readonly atMost?: number; readonly atLeast?: number } = {},
  ): void {
    this.#add({ what, value, unit: '', ...bounds(promise) });
  }

  measureMs(what: string, value: number, promise: { readonly atMost?: number } = {}): void {
    this.#add({ what, value, unit: 'ms', ...bounds(promise) });
  }

  measurePercent(what: string, value: number, promise: { readonly atLeast?: number } = {}): void {
    this.#add({ what, value, unit: '%', ...bounds(promise) });
  }

  complain(sentence: string): void {
    this.complaints.push(sentence);
  }

  /** The run counts only if the proof, before and after, shows this. */
  prove(what: string, happened: Happened): void {
    this.happenings.push({ what, happened });
  }

  /** Bytes between each of the one and each of the other were kept back, this way. */
  proveStopped(from: readonly FaultNode[], to: readonly FaultNode[]): void {
    for (const a of from) {
      for (const b of to) {
        this.prove(
          `nothing from ${a.id} reached ${b.id}`,
          (before, after) => stoppedBytes(after, a, b) > stoppedBytes(before, a, b),
        );
      }
    }
  }

  proveApart(one: readonly FaultNode[], other: readonly FaultNode[]): void {
    this.proveStopped(one, other);
    this.proveStopped(other, one);
  }

  /** Something came later than it was sent. */
  proveSlowed(): void {
    this.prove('links were slowed', (before, after) => slowedBytes(after) > slowedBytes(before));
  }

  proveKills(count: number): void {
    this.#proveCount('kills', count);
  }

  provePauses(count: number): void {
    this.#proveCount('pauses', count);
  }

  /** Its clock, its disk, its loop. */
  proveHarm(count: number): void {
    this.#proveCount('harmed', count);
  }

  /** Whoever asked only these nodes between the two moments was refused, and in time. */
  requireRefusals(nodes: readonly FaultNode[], fromMs: number, toMs: number): void {
    const ids = new Set(nodes.map(({ id }) => id));
    const open = this.recorded.filter(
      ({ pinnedTo, operation, settledMs }) =>
        pinnedTo !== null &&
        ids.has(pinnedTo) &&
        operation.callMs < toMs &&
        (settledMs === null || settledMs > fromMs),
    );
    // What was under way at the first moment may have been decided before it.
    const served = open
      .filter(({ operation }) => operation.callMs >= fromMs && operation.returnMs < toMs)
      .filter(isAnswered);
    if (served.length > 0) this.complain(`${served.length} operations were served by a minority`);
    const waitedMs = open.flatMap(({ operation, settledMs }) =>
      settledMs === null ? [] : [settledMs - operation.callMs],
    );
    if (waitedMs.length === 0) this.complain('whoever asked the minority hangs, or nobody did');
    const latestMs = Math.max(0, ...waitedMs);
    this.measureMs('the minority answered within', latestMs, { atMost: this.#timeoutMs + DEADLINE_SLACK_MS });
  }

  #proveCount(counter: 'kills' | 'pauses' | 'harmed', count: number): void {
    const sum = (proof: Proof): number => proof.nodes.reduce((total, node) => total + node[counter], 0);
    this.prove(`${counter}: ${count}`, (before, after) => sum(after) - sum(before) >= count);
  }

  #add(measure: Measure): void {
    this.measures.push(measure);
    const { what, value, unit, atMost, atLeast } = measure;
    const shown = `${what}: ${Math.round(value)} ${unit}`.trimEnd();
    const allowance = unit === 'ms' ? LATE_STEPS * this.#lateness.worstMs : 0;
    if (atMost !== null && value > atMost + allowance) this.complain(`${shown}, promised at most ${atMost}`);
    if (atLeast !== null && value < atLeast) this.complain(`${shown}, promised at least ${atLeast}`);
  }
}

function bounds({ atMost, atLeast }: { readonly atMost?: number; readonly atLeast?: number }): {
  readonly atMost: number | null;
  readonly atLeast: number | null;
} {
  return { atMost: atMost ?? null, atLeast: atLeast ?? null };
}
