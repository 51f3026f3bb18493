/**
 * The product's SDK driver outside the cluster: its sockets cross the simulated network, its timers are events. Nothing
 * ever happens to its machine; what happens to its links is the network's.
 */
import { Driver } from '../../client/driver.ts';
import type { Platform, Socket, SocketEvents } from '../../client/platform.ts';
import { parseEndpoint } from '../../wire/endpoints.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { Network } from '../network/network.ts';
import type { Resident } from '../network/resident.ts';
import type { SimulatedSocket } from '../network/simulated-socket.ts';

export interface ClientWorld {
  readonly kernel: Kernel;
  readonly network: Network;
}

export interface Reach {
  readonly seeds: readonly string[];
  readonly discover: boolean;
  readonly sessions: boolean;
  readonly sessionTtlMs: number;
}

export class ClientMachine implements Resident {
  readonly host: string;
  readonly #kernel: Kernel;

  constructor(host: string, kernel: Kernel) {
    this.host = host;
    this.#kernel = kernel;
  }

  get isAlive(): boolean {
    return true;
  }

  /** The SDK's callers wait on promises: whatever reaches it may settle some. */
  run(task: () => void): void {
    this.#kernel.promised();
    try {
      task();
    } catch (error) {
      this.#kernel.fail(error);
    }
  }
}

export function simulatedDriver(
  machine: ClientMachine,
  world: ClientWorld,
  random: RandomStream,
  { seeds, discover, sessions, sessionTtlMs }: Reach,
): Driver {
  return new Driver(simulatedPlatform(machine, world, random), {
    seeds,
    retry: true,
    discover,
    sessions,
    sessionTtlMs,
    clusterId: null,
    clientName: machine.host,
  });
}

function simulatedPlatform(
  machine: ClientMachine,
  { kernel, network }: ClientWorld,
  random: RandomStream,
): Platform {
  return {
    now: () => kernel.now(),
    random: () => random.uint32() / 2 ** 32,
    schedule: (delayMs, run) => kernel.schedule(delayMs, () => machine.run(run)),
    endOfTurn: (run) => void kernel.schedule(0, () => machine.run(run)),
    openSocket: (url, _subprotocol, events) =>
      clientSocket(network.dial(machine, parseEndpoint(url.replace('ws://', ''))), events),
  };
}

function clientSocket(socket: SimulatedSocket, events: SocketEvents): Socket {
  let reason = 'the connection was closed';
  socket.on('open', () => events.opened());
  socket.on('message', (data) => {
    if (data instanceof Uint8Array) events.frame(data);
  });
  socket.on('error', (error) => {
    reason = error.message;
  });
  socket.on('close', () => events.closed(reason));
  return { send: (frame) => socket.send(frame), close: () => socket.close() };
}
