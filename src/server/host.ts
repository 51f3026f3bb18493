/**
 * What a node needs of the machine it runs on: time, randomness, a disk, a network. `machineHost` is this machine; the
 * simulator has another. Nothing else in the node reaches for any of them.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { SessionLimits } from '../kv/session-table.ts';
import type { Entry } from '../raft/entry.ts';
import type { Output } from '../raft/io.ts';
import type { Millis } from '../raft/types.ts';
import { openDataDirectory } from '../storage/index.ts';
import type { DataDirectory } from '../storage/index.ts';
import { dialWebSocket, systemClock } from '../transport/index.ts';
import type { Cancel, Clock, DialPeer } from '../transport/index.ts';
import { bindBoth } from './listeners.ts';
import type { BoundListeners, ListenerHandlers } from './listeners.ts';
import type { CoreTuning } from './node-core.ts';
import type { NodeSettings } from './settings.ts';

export interface NodeHost {
  readonly clock: HostClock;
  /** Unpredictable on a real machine. */
  randomBytes(count: number): Uint8Array;
  openDirectory(settings: NodeSettings): Promise<NodeDirectory>;
  bind(settings: NodeSettings, handlers: ListenerHandlers): Promise<BoundListeners>;
  readonly dialPeer: DialPeer;
  /** In place of the core's own limits. */
  readonly coreTuning?: Partial<CoreTuning>;
  /** In place of the state machine's own; the same on every node of a cluster. */
  readonly sessionLimits?: SessionLimits;
  /** Hears what the core says, for whoever checks it. */
  readonly tap?: LoopTap;
}

/** A data directory as the node uses it. */
export type NodeDirectory = Pick<
  DataDirectory,
  'identity' | 'warnings' | 'saveGenesis' | 'openLog' | 'close'
>;

export interface HostClock extends Clock {
  /** Whole monotonic milliseconds, never of a wall clock. */
  now(this: void): Millis;
  /** Runs it after everything that has already arrived. */
  endOfTurn(this: void, task: () => void): Cancel;
}

/** Called within a turn; may look, and must change nothing. */
export interface LoopTap {
  drained(output: Output): void;
  /** After the state machine has it. */
  applied(entry: Entry): void;
  /** What was queued leaves next. */
  turned(): void;
}

/** Events that arrive in one turn of the event loop share one turn of the node's: the check phase comes after the poll. */
const machineClock: HostClock = {
  now: () => Math.floor(performance.now()),
  schedule: systemClock.schedule,
  endOfTurn: (task) => {
    const immediate = setImmediate(task);
    return () => clearImmediate(immediate);
  },
};

export const machineHost: NodeHost = {
  clock: machineClock,
  randomBytes,
  openDirectory: (settings) =>
    openDataDirectory({
      path: settings.dataDir,
      nodeId: settings.id,
      randomBytes,
      schedule: systemClock.schedule,
    }),
  bind: bindBoth,
  dialPeer: dialWebSocket,
};

export function randomUint32(host: NodeHost): number {
  const [a = 0, b = 0, c = 0, d = 0] = host.randomBytes(4);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
