/**
 * One run of a plan: the cluster founds itself, clients work, faults come and go, and between them everything must come
 * right. Whatever breaks a law ends the run with that law.
 */
import { formatEndpoint } from '../../wire/endpoints.ts';
import type { NodeId } from '../../raft/types.ts';
import type { QuorateError } from '../../wire/errors.ts';
import { Kernel } from '../kernel/kernel.ts';
import { RandomSource } from '../kernel/random.ts';
import { TraceHash } from '../kernel/trace-hash.ts';
import { Laws } from '../laws/all-laws.ts';
import { LawBroken } from '../laws/law.ts';
import type { Observation } from '../laws/law.ts';
import type { LeaseTimes } from '../laws/lease-times.ts';
import { Liveness, livenessOptions } from '../laws/liveness.ts';
import type { ClientOperation } from '../linearizability/index.ts';
import { Narrator } from '../narrate/narrator.ts';
import { Network } from '../network/network.ts';
import { Weather } from '../network/weather.ts';
import { SimulatedNode } from '../node/simulated-node.ts';
import { hireCrew, type Crew } from '../workload/crew.ts';
import { RESOLVE_MS } from '../workload/recorded-caller.ts';
import { aheadMs } from './clock-grace.ts';
import { judgeRun } from './judge-run.ts';
import type { Calm, Committed } from './judge-run.ts';
import { allLeasesEnded } from './lease-audit.ts';
import { DESTROYED } from './refusals.ts';
import { Nemesis } from './nemesis.ts';
import { hostsOf, settingsOf } from './settings.ts';
import { watchRejections } from './stray-rejections.ts';
import type { Plan } from './plan.ts';

export interface RunResult {
  readonly seed: number;
  /** Equal for two runs of one plan. */
  readonly hash: string;
  readonly simulatedMs: number;
  readonly events: number;
  readonly operations: number;
  readonly unknown: number;
  readonly failed: number;
  readonly committed: number;
  readonly terms: number;
  readonly leases: LeaseTimes;
  /** How often each kind of fault met somebody. */
  readonly faults: Readonly<Record<string, number>>;
}

export interface RunOptions {
  /** Gets every line of the story; for people, and slow. */
  readonly note?: (line: string) => void;
}

/** Rejects with LawBroken, or with what the product threw. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  const simulation = new Simulation(plan, options);
  return await watchRejections(simulation.kernel, () => simulation.run());
}

/** The longest a question may stay open. */
const ANSWER_MS_MAX = 5_000;
/** A supervisor starts a process that ended by itself. */
const RESTART_MS = 500;
const CHECK_EVERY_MS = 250;

class Simulation {
  readonly kernel = new Kernel();
  readonly random: RandomSource;
  readonly network: Network;
  readonly nodes: readonly SimulatedNode[];
  readonly #plan: Plan;
  readonly #narrator: Narrator | null;
  readonly #trace = new TraceHash();
  readonly #laws: Laws;
  readonly #liveness: Liveness;
  readonly #nemesis: Nemesis;
  readonly #crew: Crew;
  readonly #history: ClientOperation[] = [];
  readonly #committed: Committed[] = [];
  /** Their bytes were destroyed; they may refuse to start, and then stay away. */
  readonly #damaged = new Set<SimulatedNode>();
  readonly #lost = new Set<SimulatedNode>();
  /** Have taken part. A directory that is wiped before all did may be founded anew, as nobody can miss it. */
  readonly #founded = new Set<NodeId>();
  #callIds = 0;
  #calm = false;
  /** Counts the times of trouble. */
  #troubles = 0;
  #settledAtMs = 0;
  readonly #calms: Calm[] = [];

  constructor(plan: Plan, options: RunOptions) {
    this.#plan = plan;
    this.#narrator = options.note === undefined ? null : new Narrator(options.note);
    this.random = new RandomSource(plan.seed);
    this.network = new Network(this.kernel, new Weather(this.random), this.#trace);
    const settings = settingsOf(plan);
    this.nodes = settings.map((each) => new SimulatedNode(each, plan, this));
    const voters = this.nodes.map(({ id }) => id);
    this.#laws = new Laws(voters, plan.timing);
    this.#liveness = new Liveness(livenessOptions(plan.timing.electionTimeoutMaxMs));
    const hosts = hostsOf(plan);
    this.#nemesis = new Nemesis({
      kernel: this.kernel,
      network: this.network,
      nodes: this.nodes,
      hosts,
      climate: plan.climate,
      note: (line) => this.note(line),
      mayDestroy: (node) => this.#mayDestroy(node),
      revive: (node) => this.#revive(node),
    });
    const endpoints = settings.map(({ clientListen }) => formatEndpoint(clientListen));
    this.#crew = this.#hire(endpoints, hosts.clients);
  }

  async run(): Promise<RunResult> {
    const { rounds, faults } = this.#plan;
    this.network.weather.climate = this.#plan.climate;
    for (const node of this.nodes) node.start();
    for (const worker of this.#workers()) worker.work();
    for (const fault of faults) {
      this.kernel.schedule(fault.atMs, () => {
        if (!this.#calm) this.#nemesis.begin(fault);
      });
    }
    this.#checkNowAndThen();
    for (const round of rounds) {
      this.#disturb();
      await this.kernel.run(round.calmFromMs);
      this.#heal();
      await this.kernel.run(round.untilMs);
    }
    await this.#settle();
    const story = {
      history: this.#history,
      committed: this.#committed,
      nodes: this.nodes,
      calm: this.#calms,
    };
    return this.#result(judgeRun(this.#plan, story, this.kernel.now()));
  }

  #workers(): readonly { work(): void; rest(): void }[] {
    const { clients, holders, visitors } = this.#crew;
    return [...clients, ...holders, ...visitors];
  }

  note(line: () => string): void {
    this.#narrator?.happens(line(), this.kernel.now());
  }

  observe(observation: Observation): void {
    this.#narrator?.observe(observation, this.kernel.now());
    try {
      this.#laws.observe(observation, this.kernel.now());
      this.#liveness.observe(observation, this.kernel.now());
    } catch (error) {
      this.kernel.fail(error);
    }
    if (observation.type === 'applied') this.#keep(observation.entry);
    if (observation.type === 'started') this.#founded.add(observation.node);
  }

  /** A process has ended by itself. */
  ended(node: SimulatedNode, error: QuorateError | null): void {
    if (error === null) {
      if (this.#calm) this.#reviveSoon(node);
      return;
    }
    if (error.code === 'IO_FAILED') return this.#reviveSoon(node);
    if (this.#damaged.has(node) && DESTROYED.has(error.code)) {
      this.note(() => `${node.id} is lost for good: ${error.code}`);
      this.#lost.add(node);
      return;
    }
    const sentence = `${node.id} ended with ${error.code}: ${error.message}`;
    this.kernel.fail(new LawBroken('a sound node goes on', node.id, this.kernel.now(), sentence));
  }

  #reviveSoon(node: SimulatedNode): void {
    this.kernel.schedule(RESTART_MS, () => this.#revive(node));
  }

  #revive(node: SimulatedNode): void {
    if (this.#lost.has(node) || node.isRunning) return;
    node.start();
  }

  #mayDestroy(node: SimulatedNode): boolean {
    const most = (this.nodes.length - 1) >> 1;
    if (this.#founded.size < this.nodes.length) return false;
    if (node.running?.core === null || (!this.#damaged.has(node) && this.#damaged.size >= most)) return false;
    this.#damaged.add(node);
    return true;
  }

  #heal(): void {
    this.note(() => 'all is well from now on');
    this.#calm = true;
    const settlesMs = this.#nemesis.calm();
    const trouble = this.#troubles;
    this.#settledAtMs = this.kernel.now() + settlesMs;
    const { leaderWithinMs } = livenessOptions(this.#plan.timing.electionTimeoutMaxMs);
    this.#calms.push({ fromMs: this.#settledAtMs + leaderWithinMs, untilMs: Number.POSITIVE_INFINITY });
    this.kernel.schedule(settlesMs, () => {
      if (this.#troubles === trouble) this.#liveness.healed(this.#sound(), this.kernel.now());
    });
  }

  /** All but those that may be lost for good. */
  #sound(): readonly NodeId[] {
    return this.nodes.filter((node) => !this.#damaged.has(node)).map(({ id }) => id);
  }

  #disturb(): void {
    this.#calm = false;
    this.#troubles += 1;
    const calm = this.#calms.pop();
    if (calm !== undefined) this.#calms.push({ ...calm, untilMs: this.kernel.now() });
    this.#liveness.disturbed();
  }

  #checkNowAndThen(): void {
    this.kernel.schedule(CHECK_EVERY_MS, () => {
      this.#liveness.check(this.kernel.now());
      this.#checkNowAndThen();
    });
  }

  /** Every open question is answered, and every node comes to the same state. */
  async #settle(): Promise<void> {
    await this.kernel.run(Math.max(this.kernel.now(), this.#settledAtMs));
    for (const worker of this.#workers()) worker.rest();
    this.#liveness.loadStopped(this.kernel.now());
    await this.kernel.run(this.kernel.now() + ANSWER_MS_MAX + RESOLVE_MS + 1_000);
    const callers = [...this.#crew.clients, ...this.#crew.holders];
    const open = callers.reduce((sum, caller) => sum + caller.open, 0);
    const sentence = `${open} are still open`;
    if (open > 0) throw new LawBroken('every call ends by its deadline', null, this.kernel.now(), sentence);
    await this.kernel.run(this.kernel.now() + 4 * this.#plan.timing.electionTimeoutMaxMs);
    this.#liveness.check(this.kernel.now());
    allLeasesEnded(this.nodes, this.kernel.now());
  }

  /** The first node that applies an index keeps its entry; the laws see that all others apply the same. */
  #keep(entry: Committed['entry']): void {
    if (entry.index === this.#committed.length + 1) this.#committed.push({ entry, atMs: this.kernel.now() });
  }

  #hire(endpoints: readonly string[], clientHosts: readonly string[]): Crew {
    const { kernel, network, random } = this;
    const pace = { thinkMsMax: this.#plan.thinkMsMax, timeoutsMs: [200, 400, 1_500, ANSWER_MS_MAX] };
    return hireCrew(
      { kernel, network },
      random,
      {
        hosts: clientHosts,
        endpoints,
        pace,
        aheadMs: (fromMs, toMs) => aheadMs(this.#plan, fromMs, toMs),
      },
      {
        kernel,
        record: (operation) => this.#record(operation),
        nextCallId: () => {
          this.#callIds += 1;
          return this.#callIds;
        },
        note: (line) => this.note(line),
        broken: (error) => kernel.fail(error),
      },
    );
  }

  #record(operation: ClientOperation): void {
    this.#history.push(operation);
    if (operation.type === 'write' && operation.outcome.type === 'ok') this.#liveness.acknowledged();
  }

  #result(leases: LeaseTimes): RunResult {
    const count = (type: string): number =>
      this.#history.filter(({ outcome }) => outcome.type === type).length;
    return {
      seed: this.#plan.seed,
      hash: this.#trace.hex(),
      simulatedMs: this.kernel.now(),
      events: this.kernel.events,
      operations: this.#history.length,
      unknown: count('unknown'),
      failed: count('failed'),
      committed: this.#committed.length,
      leases,
      terms: Math.max(...this.nodes.map(({ term }) => term)),
      faults: Object.fromEntries(this.#nemesis.counts),
    };
  }
}
