/**
 * Exactly once (SPEC 3): so many increments, while so many percent of the answers get lost and the leader is killed every
 * five seconds, are done as often as they were asked for, and none is left unknown.
 *
 *   asked for   1   2   3        answer to 2 lost, sent again to another node
 *   the log     1   2   2   3    answers 1, 2, 2, 3
 */
import { formatEndpoint } from '../../wire/endpoints.ts';
import { decodeEnvelope } from '../../wire/envelope.ts';
import { SESSION_LIMITS } from '../../kv/session-table.ts';
import type { Entry } from '../../raft/entry.ts';
import { Kernel } from '../kernel/kernel.ts';
import { RandomSource } from '../kernel/random.ts';
import { TraceHash } from '../kernel/trace-hash.ts';
import { Laws } from '../laws/all-laws.ts';
import { LawBroken } from '../laws/law.ts';
import type { Observation } from '../laws/law.ts';
import { Network } from '../network/network.ts';
import { Weather } from '../network/weather.ts';
import { SimulatedNode } from '../node/simulated-node.ts';
import type { World } from '../node/simulated-node.ts';
import { drawPlan } from '../swarm/plan.ts';
import { hostsOf, settingsOf } from '../swarm/settings.ts';
import { ClientMachine, simulatedDriver } from '../workload/simulated-client.ts';
import { CountingCaller } from './counting-caller.ts';
import type { Counts } from './counting-caller.ts';

export interface SessionAuditOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly increments: number;
  /** Of frames from nodes to clients. @default 30 */
  readonly lostPercent?: number;
  /** The leader's process. @default 5,000 */
  readonly killEveryMs?: number;
}

export interface SessionAudit {
  /** Equal for two runs of one seed. */
  readonly hash: string;
  readonly simulatedMs: number;
  /** What the counter came to. */
  readonly counted: bigint;
  /** Answers that got lost, and leaders that were killed. */
  readonly lostAnswers: number;
  readonly kills: number;
  /** Increments that stand in the log once more. */
  readonly copies: number;
  /** Of unknown outcome at first, and what became of them was asked. */
  readonly resolved: number;
}

const MACHINES = 4;
const CALLERS = 8;
const DOWN_MS = 1_000;
const SESSION_TTL_MS = 60_000;
/** An hour for ten thousand is twenty times what they take. */
const MS_EACH_MAX = 400;
const LAW = 'each increment takes effect once';

/** Rejects with LawBroken, or with what the product threw. */
export async function auditSessions(options: SessionAuditOptions): Promise<SessionAudit> {
  return await new Audit(options).run();
}

class Audit implements World {
  readonly kernel = new Kernel();
  readonly random: RandomSource;
  readonly network: Network;
  readonly #nodes: readonly SimulatedNode[];
  readonly #options: Required<SessionAuditOptions>;
  readonly #laws: Laws;
  readonly #trace = new TraceHash();
  readonly #callers: readonly CountingCaller[];
  readonly #counts: Counts = { values: [], resolved: 0, again: 0, lost: [] };
  #kills = 0;
  #finished = false;
  /** Of increments, in entries that somebody has applied. */
  #inLog = 0;
  #appliedThrough = 0;

  constructor(options: SessionAuditOptions) {
    this.#options = { lostPercent: 30, killEveryMs: 5_000, ...options };
    const { seed, nodes: size } = options;
    // Where few sessions are allowed, one that is in use may be evicted: then nobody can tell what became of its writes.
    const own = { clients: MACHINES, faults: [], sessionLimits: SESSION_LIMITS };
    const plan = { ...drawPlan(seed, { size }), ...own };
    this.random = new RandomSource(seed);
    this.network = new Network(this.kernel, new Weather(this.random), this.#trace);
    this.network.weather.climate = plan.climate;
    this.network.weather.answersLostPercent = this.#options.lostPercent;
    const settings = settingsOf(plan);
    this.#nodes = settings.map((each) => new SimulatedNode(each, plan, this));
    this.#laws = new Laws(
      this.#nodes.map(({ id }) => id),
      plan.timing,
    );
    const endpoints = settings.map(({ clientListen }) => formatEndpoint(clientListen));
    this.#callers = hostsOf(plan).clients.flatMap((host) => this.#callersAt(host, endpoints));
  }

  async run(): Promise<SessionAudit> {
    const { increments } = this.#options;
    for (const node of this.#nodes) node.start();
    this.#killNowAndThen();
    let left = increments;
    const next = (): boolean => {
      left -= 1;
      return left >= 0;
    };
    const whole = Promise.all(this.#callers.map((caller) => caller.countWhile(next)));
    whole.then(() => this.#finish()).catch((error: unknown) => this.kernel.fail(error));
    const endMs = increments * MS_EACH_MAX + 60_000;
    while (!this.#finished && this.kernel.now() < endMs) await this.kernel.run(this.kernel.now() + 1_000);
    if (!this.#finished) this.#broken(`after ${endMs} ms callers still wait`);
    return this.#judge();
  }

  observe(observation: Observation): void {
    try {
      this.#laws.observe(observation, this.kernel.now());
    } catch (error) {
      this.kernel.fail(error);
    }
    if (observation.type === 'applied') this.#count(observation.entry);
  }

  note(): void {}

  ended(node: SimulatedNode, error: Error | null): void {
    if (error !== null) this.kernel.fail(new Error(`${node.id} ended by itself`, { cause: error }));
  }

  #callersAt(host: string, endpoints: readonly string[]): CountingCaller[] {
    const machine = new ClientMachine(host, this.kernel);
    const reach = { seeds: endpoints, discover: true, sessions: true, sessionTtlMs: SESSION_TTL_MS };
    const driver = simulatedDriver(machine, this, this.random.stream(`client ${host} engine`), reach);
    return Array.from({ length: CALLERS }, (_, turn) => {
      const draws = this.random.stream(`client ${host} caller ${turn}`);
      return new CountingCaller(driver, draws, this.kernel, this.#counts);
    });
  }

  #killNowAndThen(): void {
    this.kernel.schedule(this.#options.killEveryMs, () => {
      const leader = this.#nodes.find(({ isLeader }) => isLeader);
      if (leader !== undefined) {
        this.#kills += 1;
        leader.crash('kill');
        this.kernel.schedule(DOWN_MS, () => leader.start());
      }
      this.#killNowAndThen();
    });
  }

  /** The first node that applies an entry tells for all: the laws see that the others apply the same. */
  #count(entry: Entry): void {
    if (entry.index <= this.#appliedThrough) return;
    this.#appliedThrough = entry.index;
    if (entry.kind !== 'command') return;
    const { requests } = decodeEnvelope(entry.data);
    this.#inLog += requests.filter(({ operation }) => operation.type === 'increment').length;
  }

  #finish(): void {
    this.#finished = true;
  }

  #judge(): SessionAudit {
    const { values, lost, resolved } = this.#counts;
    const { increments } = this.#options;
    if (lost.length > 0) this.#broken(`what became of ${lost.length} nobody can tell: ${lost[0]}`);
    // One after the other, without a gap: then the counter stands at the last of them.
    const missing = values
      .toSorted((a, b) => (a < b ? -1 : 1))
      .findIndex((value, at) => value !== BigInt(at) + 1n);
    if (missing >= 0)
      this.#broken(`${increments} were asked for, and the answers part from 1, 2, 3, … at ${missing + 1}`);
    const revisions = this.#nodes.map(({ running }) => running?.core?.machine.revision ?? 0);
    const counted = BigInt(Math.max(...revisions)) - 1n;
    if (counted !== BigInt(increments))
      this.#broken(`${increments} were asked for, and ${counted} were done`);
    const audit = {
      hash: this.#trace.hex(),
      simulatedMs: this.kernel.now(),
      counted,
      lostAnswers: this.network.counts.answersLost,
      kills: this.#kills,
      copies: this.#inLog - increments,
      resolved,
    };
    const { lostAnswers, kills, copies } = audit;
    if (Math.min(lostAnswers, kills, copies, resolved) === 0)
      throw new Error('a fault met nobody: it proves nothing');
    return audit;
  }

  #broken(sentence: string): never {
    throw new LawBroken(LAW, null, this.kernel.now(), sentence);
  }
}
