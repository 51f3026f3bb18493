/**
 * One end of a connection, as `ws` would show it. What one end sends arrives at the other in order, as long as the
 * connection lasts; what the other end does is heard a delay later, or never (half-open).
 */
import type { DialledSocket } from '../../transport/index.ts';
import type { Resident } from './resident.ts';

export type Delivery =
  | { readonly type: 'frame'; readonly bytes: Uint8Array }
  /** The other end is gone. */
  | { readonly type: 'end' };

export interface SocketNetwork {
  /** Takes it to the other end. */
  transmit(from: SimulatedSocket, delivery: Delivery): void;
  /** Runs later in the process that owns the socket. */
  later(socket: SimulatedSocket, delayMs: number, task: () => void): void;
  forget(socket: SimulatedSocket): void;
}

type Listener = (...args: never[]) => void;

/** What a kernel's socket buffers hold before `bufferedAmount` shows anything. */
const KERNEL_BUFFER_BYTES = 256 * 1024;
/** ws waits this long for the other half of a close. */
const CLOSE_TIMEOUT_MS = 5_000;

export class SimulatedSocket implements DialledSocket {
  readonly owner: Resident;
  readonly #network: SocketNetwork;
  readonly #listeners = new Map<string, Listener[]>();
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  #other: SimulatedSocket | null = null;
  #paused = false;
  /** Arrived while paused. */
  readonly #unread: Delivery[] = [];
  #bytesUnderWay = 0;

  constructor(owner: Resident, network: SocketNetwork) {
    this.owner = owner;
    this.#network = network;
  }

  get other(): SimulatedSocket | null {
    return this.#other;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get bufferedAmount(): number {
    return Math.max(0, this.#bytesUnderWay - KERNEL_BUFFER_BYTES);
  }

  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): void;
  on(event: 'open' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(
    event: 'unexpected-response',
    listener: (request: unknown, response: { readonly statusCode?: number | undefined }) => void,
  ): void;
  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined) this.#listeners.set(event, [listener]);
    else listeners.push(listener);
  }

  send(frame: Uint8Array, sent?: () => void): void {
    if (this.#state !== 'open') {
      if (sent !== undefined) this.#network.later(this, 0, sent);
      return;
    }
    this.#bytesUnderWay += frame.length;
    this.#network.transmit(this, { type: 'frame', bytes: frame });
    if (sent !== undefined) this.#network.later(this, 0, sent);
  }

  close(): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    if (this.#state === 'connecting') return this.terminate();
    this.#state = 'closing';
    this.#network.transmit(this, { type: 'end' });
    this.#network.later(this, CLOSE_TIMEOUT_MS, () => this.#end());
  }

  terminate(): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'open') this.#network.transmit(this, { type: 'end' });
    this.#state = 'closing';
    this.#network.later(this, 0, () => this.#end());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const delivery of this.#unread.splice(0)) this.#receive(delivery);
  }

  /** For the network: both ends are there. */
  connect(other: SimulatedSocket): void {
    this.#other = other;
    if (this.#state === 'connecting') this.#state = 'open';
  }

  /** For the network: the dialling end hears of it. */
  announceOpen(): void {
    if (this.#state === 'open') this.#emit('open');
  }

  /** For the network: nobody answers there. */
  refuse(reason: string): void {
    if (this.#state !== 'connecting') return;
    this.#emit('error', Object.assign(new Error(reason), { code: 'ECONNREFUSED' }));
    this.#end();
  }

  /** For the network: it has left the sender's buffers. */
  arrived(bytes: number): void {
    this.#bytesUnderWay -= bytes;
  }

  /** For the network: something has arrived here. */
  receive(delivery: Delivery): void {
    if (this.#paused) this.#unread.push(delivery);
    else this.#receive(delivery);
  }

  #receive(delivery: Delivery): void {
    if (this.#state === 'closed') return;
    switch (delivery.type) {
      case 'frame':
        if (this.#state === 'open') this.#emit('message', delivery.bytes, true);
        return;
      case 'end':
        // The other half of a close that began there.
        if (this.#state === 'open') this.#network.transmit(this, { type: 'end' });
        return this.#end();
    }
  }

  #end(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#network.forget(this);
    this.#emit('close');
  }

  #emit(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) Reflect.apply(listener, undefined, args);
  }
}
