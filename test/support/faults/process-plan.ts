/** A cluster of processes on paper: ports, folders, proxies and start lines; nothing runs yet. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { freePorts } from '../../../scripts/support/free-ports.mjs';
import { Leftovers } from '../../../scripts/support/leftovers.mjs';
import { startArgs } from '../../../scripts/support/local-cluster.mjs';
import { LocalNode } from '../../../scripts/support/local-node.mjs';
import { buildMachineFaults, Machine } from './machine.ts';
import { CLIENTS, PeerNetwork } from './peer-network.ts';
import type { NodeAddress } from './peer-network.ts';
import { TroubledProcess } from './troubled-process.ts';
import { able, unable } from './vocabulary.ts';
import type { Capability } from './vocabulary.ts';

export interface ProcessClusterOptions {
  /** @default 3 */
  readonly nodes?: number;
  readonly name?: string;
  /** More arguments for every `quorate start`. */
  readonly args?: readonly string[];
  /** The command line of another build: a canary's. */
  readonly main?: string;
}

export interface BesideOptions {
  /** @default a fresh folder */
  readonly data?: string;
  /** @default this cluster's name */
  readonly cluster?: string;
  /** On the ports of the node itself, which must be down. */
  readonly inPlace?: boolean;
}

type Settings = Required<Omit<ProcessClusterOptions, 'main'>> & Pick<ProcessClusterOptions, 'main'>;

interface Drawn {
  readonly settings: Settings;
  readonly folder: string;
  readonly leftovers: Leftovers;
  readonly addresses: readonly NodeAddress[];
  readonly network: PeerNetwork;
}

export class ProcessPlan {
  readonly processes: readonly TroubledProcess[];
  /** Whether the machine below a process can be made to fail here. */
  readonly machine: Capability;
  readonly #drawn: Drawn;
  #strangers = 0;

  private constructor(drawn: Drawn) {
    this.#drawn = drawn;
    const faults = buildMachineFaults(drawn.folder);
    this.machine = 'why' in faults ? unable(faults.why) : able;
    const library = 'why' in faults ? null : faults.library;
    this.processes = drawn.addresses.map((own) => this.#process(own, library));
  }

  static async make({
    nodes = 3,
    name = 'faults',
    args = [],
    main,
  }: ProcessClusterOptions): Promise<ProcessPlan> {
    const folder = await mkdtemp(path.join(tmpdir(), 'quorate-faults-'));
    const leftovers = new Leftovers();
    leftovers.folder(folder);
    const ports = await freePorts(nodes * 2);
    const addresses = Array.from({ length: nodes }, (_, place) => ({
      id: `n${place + 1}`,
      client: `127.0.0.1:${ports[place * 2]}`,
      peer: `127.0.0.1:${ports[place * 2 + 1]}`,
    }));
    const network = await PeerNetwork.between(addresses);
    const settings = { nodes, name, args, ...(main === undefined ? {} : { main }) };
    return new ProcessPlan({ settings, folder, leftovers, addresses, network });
  }

  get network(): PeerNetwork {
    return this.#drawn.network;
  }

  /** One that should not be. */
  async beside(id: string, { data, cluster, inPlace = false }: BesideOptions): Promise<LocalNode> {
    const { settings, folder, leftovers, addresses } = this.#drawn;
    const own = addresses.find((each) => each.id === id);
    if (own === undefined) throw new Error(`no node ${id}`);
    const [client, peer] = await freePorts(2);
    const place = inPlace ? own : { id, client: `127.0.0.1:${client}`, peer: `127.0.0.1:${peer}` };
    this.#strangers += 1;
    const plan = { ...place, dataDir: data ?? path.join(folder, `stranger-${this.#strangers}`) };
    const args = startArgs(plan, cluster ?? settings.name, this.#peersAsSeenBy(own));
    return new LocalNode({ ...plan, args: [...args, ...settings.args], ...mainOf(settings) }, leftovers);
  }

  async close(): Promise<void> {
    await this.#drawn.network.close();
    await this.#drawn.leftovers.close();
  }

  #process(own: NodeAddress, library: string | null): TroubledProcess {
    const { settings, folder, leftovers, network } = this.#drawn;
    const machine = library === null ? null : new Machine(library, folder, own.id);
    const busyFile = path.join(folder, `${own.id}.busy`);
    const plan = { ...own, dataDir: path.join(folder, own.id) };
    const args = [
      ...startArgs(plan, settings.name, this.#peersAsSeenBy(own)),
      '--advertise',
      network.addressFor(CLIENTS, own.id),
      ...settings.args,
    ];
    const env = { ...machine?.env, ...busyLoopEnv(busyFile) };
    return new TroubledProcess(
      new LocalNode({ ...plan, args, env, ...mainOf(settings) }, leftovers),
      machine,
      busyFile,
    );
  }

  /** The smaller id dials, so only the greater ones are reached by a proxy. */
  #peersAsSeenBy(own: NodeAddress): string {
    const { addresses, network } = this.#drawn;
    return addresses
      .map(({ id, peer }) => `${id}=${own.id < id ? network.addressFor(own.id, id) : peer}`)
      .join(',');
  }
}

function mainOf({ main }: Settings): { readonly main?: string } {
  return main === undefined ? {} : { main };
}

function busyLoopEnv(busyFile: string): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import=${new URL('busy-loop.mjs', import.meta.url).href}`,
    QUORATE_TEST_BUSY: busyFile,
  };
}
