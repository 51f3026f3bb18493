/** Two hosts, a listener, and what was heard where. */
import { nodeId } from '../../../../src/server/node-core.ts';
import { Kernel } from '../../../../src/sim/kernel/kernel.ts';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import { TraceHash } from '../../../../src/sim/kernel/trace-hash.ts';
import { Network } from '../../../../src/sim/network/network.ts';
import type { Port } from '../../../../src/sim/network/network.ts';
import type { SimulatedSocket } from '../../../../src/sim/network/simulated-socket.ts';
import { Weather } from '../../../../src/sim/network/weather.ts';
import { decodePeerFrame, encodePeerMessages } from '../../../../src/wire/peer-codec.ts';

export class Resident {
  readonly host: string;
  isAlive = true;

  constructor(host: string) {
    this.host = host;
  }

  run(task: () => void): void {
    if (this.isAlive) task();
  }
}

export class NetworkBench {
  readonly kernel = new Kernel();
  readonly weather = new Weather(new RandomSource(5));
  readonly network = new Network(this.kernel, this.weather, new TraceHash());
  readonly a = new Resident('a');
  b = new Resident('b');
  /** What has arrived at b, in order: text of frames, `open` and `close`. */
  readonly heardByB: string[] = [];
  readonly heardByA: string[] = [];
  atB: SimulatedSocket | null = null;
  readonly #kind: Port['kind'];

  constructor(kind: Port['kind'] = 'client') {
    this.#kind = kind;
    this.listen();
  }

  listen(): void {
    this.network.listen(
      { host: 'b', port: 1 },
      {
        resident: this.b,
        kind: this.#kind,
        accept: (socket) => {
          this.atB = socket;
          hearInto(socket, this.heardByB);
        },
      },
    );
  }

  dial(): SimulatedSocket {
    const socket = this.network.dial(this.a, { host: 'b', port: 1 });
    hearInto(socket, this.heardByA);
    return socket;
  }

  /** An open connection, seen from a. */
  async connected(): Promise<SimulatedSocket> {
    const socket = this.dial();
    await this.pass(50);
    return socket;
  }

  /** The same between peers: messages can be replayed on it. */
  async greeted(): Promise<SimulatedSocket> {
    const socket = await this.connected();
    socket.send(PING);
    socket.send(PING);
    await this.pass(50);
    return socket;
  }

  async pass(ms: number): Promise<void> {
    await this.kernel.run(this.kernel.now() + ms);
  }
}

function hearInto(socket: SimulatedSocket, heard: string[]): void {
  socket.on('open', () => heard.push('open'));
  socket.on('close', () => heard.push('close'));
  socket.on('message', (data) => heard.push(textOf(data)));
  socket.on('error', (error) => heard.push(error.message));
}

function textOf(data: unknown): string {
  if (!(data instanceof Uint8Array)) return 'no bytes';
  const decoded = decodePeerFrame(data, { frameBytesMax: 1_000_000 });
  if (!decoded.ok) return Buffer.from(data).toString();
  return decoded.value
    .map((each) => (each.type === 'raft' ? `term ${each.message.term}` : each.type))
    .join(', ');
}

export function frame(text: string): Uint8Array {
  return Buffer.from(text);
}

/** A raft message that can be told from others by its term. */
export function raftFrame(term: number): Uint8Array {
  const [from, to] = [nodeId('a'), nodeId('b')];
  return encodePeerMessages([
    { type: 'raft', message: { type: 'voteReply', from, to, term, granted: true } },
  ]);
}

export const PING = encodePeerMessages([{ type: 'ping' }]);
