/** The machine that a simulated node runs on, as `NodeHost` wants it: everything it does is an event of the kernel. */
import type { Output } from '../../raft/io.ts';
import type { SessionLimits } from '../../kv/session-table.ts';
import type { NodeId } from '../../raft/types.ts';
import { nodeId } from '../../server/node-core.ts';
import type { CoreTuning } from '../../server/node-core.ts';
import type { LoopTap, NodeDirectory, NodeHost } from '../../server/host.ts';
import type { BoundListeners, ListenerHandlers } from '../../server/listeners.ts';
import type { NodeSettings } from '../../server/settings.ts';
import { openDataDirectory } from '../../storage/index.ts';
import type { ProcessDisk } from '../disk/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { Observation } from '../laws/law.ts';
import type { Network } from '../network/network.ts';
import type { SimulatedSocket } from '../network/simulated-socket.ts';
import type { Incarnation } from './incarnation.ts';
import { observedLog, readAll } from './observed-log.ts';

/** Limits in place of the product's own. */
export interface Tuning {
  readonly coreTuning: Partial<CoreTuning>;
  readonly sessionLimits: SessionLimits;
}

export interface Surroundings extends Tuning {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly random: RandomStream;
  readonly disk: ProcessDisk;
  observe(this: void, observation: Observation): void;
  readonly tap: LoopTap;
}

export function simulatedHost(self: Incarnation, around: Surroundings): NodeHost {
  const { kernel, network, random } = around;
  return {
    clock: self.clock,
    randomBytes: (count) => random.bytes(count),
    dialPeer: (address) => network.dial(self, address),
    tap: around.tap,
    coreTuning: around.coreTuning,
    sessionLimits: around.sessionLimits,
    bind: (settings, handlers) => Promise.resolve(bindPorts(self, network, settings, handlers)),
    openDirectory: async (settings) => {
      const directory = await openDataDirectory({
        path: settings.dataDir,
        nodeId: settings.id,
        randomBytes: (count) => random.bytes(count),
        schedule: self.clock.schedule,
        disk: around.disk,
      });
      around.observe({ type: 'opened', ...membershipOf(settings.id, directory) });
      return observedDirectory(directory, settings.id, self, around, kernel);
    },
  };
}

function bindPorts(
  self: Incarnation,
  network: Network,
  settings: NodeSettings,
  handlers: ListenerHandlers,
): BoundListeners {
  const bind = (
    address: NodeSettings['clientListen'],
    kind: 'client' | 'peer',
    accept: (socket: SimulatedSocket) => void,
  ): BoundListeners['client'] => {
    const unbind = network.listen(address, { resident: self, kind, accept });
    return {
      address,
      close: () => {
        unbind();
        return Promise.resolve();
      },
    };
  };
  return {
    client: bind(settings.clientListen, 'client', (socket) => handlers.onClient(socket)),
    peer: bind(settings.peerListen, 'peer', (socket) => handlers.onPeer(socket)),
  };
}

/** Tells whose the directory is, and what was found in it at open. */
function observedDirectory(
  directory: NodeDirectory,
  id: string,
  self: Incarnation,
  { observe }: Surroundings,
  kernel: Kernel,
): NodeDirectory {
  return {
    get identity() {
      return directory.identity;
    },
    get warnings() {
      return directory.warnings;
    },
    saveGenesis: (genesis) => directory.saveGenesis(genesis),
    close: () => directory.close(),
    openLog: async (membership) => {
      const { cluster, ...rest } = membershipOf(id, directory);
      if (cluster !== null) observe({ type: 'founded', ...rest, cluster });
      const log = await directory.openLog(membership);
      const entries = await readAll(log);
      observe({ type: 'started', node: nodeId(id), recovered: log.recovered, entries });
      return observedLog(log, nodeId(id), self, observe, kernel);
    },
  };
}

interface Membership {
  readonly node: NodeId;
  readonly directory: string;
  readonly cluster: string | null;
}

function membershipOf(id: string, { identity }: NodeDirectory): Membership {
  return {
    node: nodeId(id),
    directory: identity.incarnation,
    cluster: identity.genesis?.clusterId ?? null,
  };
}

/** What the core says, told to whoever observes. A digest is taken at the same indexes on every node. */
export function observingTap(
  id: string,
  observe: Surroundings['observe'],
  look: {
    digest(): string;
    status(): Extract<Observation, { type: 'turned' }>['status'] | null;
  },
): LoopTap {
  const node = nodeId(id);
  return {
    drained: ({ messages, persist }: Output) => {
      for (const message of messages) observe({ type: 'sent', node, message });
      if (persist !== null) observe({ type: 'persist', node, write: persist });
    },
    applied: (entry) =>
      observe({
        type: 'applied',
        node,
        entry,
        digest: entry.index % DIGEST_EVERY === 0 ? look.digest() : null,
      }),
    turned: () => {
      const status = look.status();
      if (status !== null) observe({ type: 'turned', node, status });
    },
  };
}

const DIGEST_EVERY = 16;
