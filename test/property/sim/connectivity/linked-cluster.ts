/**
 * A cluster of whole nodes and its clients, of which a test says who hears whom: the parts that a swarm's run is made
 * of, with every law watching and no faults but the test's own.
 */
import type { NodeId } from '../../../../src/raft/index.ts';
import { SOUND_DISK, type Span } from '../../../../src/sim/disk/index.ts';
import { Kernel } from '../../../../src/sim/kernel/kernel.ts';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import { TraceHash } from '../../../../src/sim/kernel/trace-hash.ts';
import { Laws } from '../../../../src/sim/laws/all-laws.ts';
import type { Observation } from '../../../../src/sim/laws/law.ts';
import type { ClientOperation } from '../../../../src/sim/linearizability/index.ts';
import { Network } from '../../../../src/sim/network/network.ts';
import { Weather } from '../../../../src/sim/network/weather.ts';
import { SimulatedNode } from '../../../../src/sim/node/simulated-node.ts';
import type { World } from '../../../../src/sim/node/simulated-node.ts';
import { drawPlan, type Timing } from '../../../../src/sim/swarm/plan.ts';
import { hostsOf, settingsOf } from '../../../../src/sim/swarm/settings.ts';
import { hireCrew } from '../../../../src/sim/workload/crew.ts';
import type { Recording } from '../../../../src/sim/workload/recorded-caller.ts';
import { formatEndpoint } from '../../../../src/wire/endpoints.ts';
import type { QuorateError } from '../../../../src/wire/errors.ts';
import { allLinks, link } from '../../../support/connectivity.ts';
import type { Links } from '../../../support/connectivity.ts';

export const E_MS = 300;
export const TIMING: Timing = { heartbeatMs: 30, electionTimeoutMinMs: E_MS / 2, electionTimeoutMaxMs: E_MS };
const STORY_LINES = 120;

export interface Premises {
  /** @default that of E_MS */
  readonly timing?: Timing;
  /** What syncs take, by place of the node. @default those of a sound disk */
  readonly syncMs?: (place: number) => Span;
}

/** Who leads, as of the node itself. */
export interface Leadership {
  readonly leader: NodeId;
  readonly term: number;
}

/** A question that only a leader and its quorum can answer, and did. */
interface Served {
  readonly callMs: number;
  readonly returnMs: number;
}

export class LinkedCluster implements World {
  readonly kernel = new Kernel();
  readonly random: RandomSource;
  readonly network: Network;
  readonly nodes: readonly SimulatedNode[];
  readonly served: Served[] = [];
  readonly #laws: Laws;
  readonly #story: string[] = [];
  #callIds = 0;

  /** The seed draws delays and windows too; the nodes start, the clients work. */
  constructor(seed: number, size: number, { timing = TIMING, syncMs }: Premises = {}) {
    const plan = { ...drawPlan(seed, { size }), timing, clients: 2 };
    this.random = new RandomSource(seed);
    this.network = new Network(this.kernel, new Weather(this.random), new TraceHash());
    this.network.weather.climate = plan.climate;
    const settings = settingsOf(plan);
    this.nodes = settings.map((each) => new SimulatedNode(each, plan, this));
    this.#laws = new Laws(this.ids, timing);
    const endpoints = settings.map(({ clientListen }) => formatEndpoint(clientListen));
    for (const [place, node] of this.nodes.entries()) {
      node.disk.setFaults({ syncMs: syncMs?.(place) ?? SOUND_DISK.syncMs });
      node.start();
    }
    this.#hire(endpoints, hostsOf(plan).clients, timing.electionTimeoutMaxMs);
  }

  get ids(): readonly NodeId[] {
    return this.nodes.map(({ id }) => id);
  }

  get nowMs(): number {
    return this.kernel.now();
  }

  /** Of those who think that they lead, the one with the highest term. */
  get leadership(): Leadership | null {
    const [first] = this.leaders.toSorted((a, b) => b.term - a.term);
    return first === undefined ? null : { leader: first.id, term: first.term };
  }

  get leaders(): readonly SimulatedNode[] {
    return this.nodes.filter((node) => node.isLeader);
  }

  /** The last of what happened. */
  get story(): string {
    return this.#story.slice(-STORY_LINES).join('\n');
  }

  node(id: string): SimulatedNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new RangeError(`no node ${id}`);
    return found;
  }

  async run(forMs: number): Promise<void> {
    await this.kernel.run(this.nowMs + forMs);
  }

  /** From now on peers hear each other over these links only; clients reach everybody. */
  plant(links: Links): void {
    const blocked = this.ids.flatMap((from) =>
      this.ids.filter((to) => to !== from && !links.has(link(from, to))).map((to) => ({ from, to })),
    );
    this.note(() => `these links work: ${[...links].join(' ')}`);
    this.network.weather.setBlocked(blocked);
  }

  /** Every sync of its disk hangs. */
  stickDisk(id: string): void {
    this.note(() => `the disk of ${id} is stuck`);
    this.node(id).disk.setFaults({ ...SOUND_DISK, stuck: true });
  }

  /** These are cut off for a while, so that their logs are behind. */
  async leaveBehind(ids: readonly string[], forMs: number): Promise<void> {
    const left = [...allLinks(this.ids)].filter((each) => !ids.some((id) => each.split('>').includes(id)));
    this.plant(new Set(left));
    await this.run(forMs);
  }

  note(line: () => string): void {
    this.#story.push(`${this.nowMs.toFixed(1)} ${line()}`);
  }

  observe(observation: Observation): void {
    try {
      this.#laws.observe(observation, this.nowMs);
    } catch (error) {
      this.kernel.fail(error);
    }
  }

  /** Nobody is asked to end. */
  ended(node: SimulatedNode, error: QuorateError | null): void {
    this.kernel.fail(error ?? new Error(`${node.id} ended`));
  }

  #hire(endpoints: readonly string[], hosts: readonly string[], timeoutMs: number): void {
    const pace = { thinkMsMax: 80, timeoutsMs: [timeoutMs / 2, timeoutMs, 4 * timeoutMs] };
    const { kernel, network, random } = this;
    const recording: Recording = {
      kernel,
      record: (operation) => {
        const { callMs, returnMs } = operation;
        if (neededLeader(operation)) this.served.push({ callMs, returnMs });
      },
      nextCallId: () => {
        this.#callIds += 1;
        return this.#callIds;
      },
      note: (line) => this.note(line),
      broken: kernel.fail,
    };
    const options = { hosts, endpoints, pace, aheadMs: () => 0 };
    const { clients } = hireCrew({ kernel, network }, random, options, recording);
    for (const client of clients) client.work();
  }
}

function neededLeader(operation: ClientOperation): boolean {
  if (operation.outcome.type !== 'ok') return false;
  return operation.type === 'write' || operation.outcome.output.level === 'linearizable';
}
