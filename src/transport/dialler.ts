/**
 * Connects to one address, again and again until it is told that the link is up. An attempt that takes too long is
 * given up: a SYN that was dropped is sent again by us, not by TCP a second later.
 */
import type { Endpoint } from '../wire/endpoints.ts';
import type { Cancel, Clock } from './clock.ts';
import type { DialledSocket, DialPeer } from './frame-socket.ts';
import type { LinkTuning } from './link-tuning.ts';

export interface DiallerOptions {
  readonly address: Endpoint;
  readonly frameBytesMax: number;
  readonly tuning: LinkTuning;
  readonly clock: Clock;
  readonly random: () => number;
  readonly dial: DialPeer;
}

export interface DiallerHandlers {
  onOpen(socket: DialledSocket): void;
  /** Something answers there, but not as a peer port of ours does. */
  onForeign(reason: string): void;
}

type State =
  | { readonly name: 'stopped' }
  | { readonly name: 'waiting'; readonly cancel: Cancel }
  | { readonly name: 'dialling'; readonly socket: DialledSocket; readonly cancel: Cancel }
  /** The socket was handed over; `redial` starts anew. */
  | { readonly name: 'connected' };

export class Dialler {
  readonly #options: DiallerOptions;
  readonly #handlers: DiallerHandlers;
  #state: State = { name: 'stopped' };
  #failures = 0;
  #attempts = 0;

  constructor(options: DiallerOptions, handlers: DiallerHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  get attempts(): number {
    return this.#attempts;
  }

  start(): void {
    if (this.#state.name === 'stopped') this.#dial();
  }

  stop(): void {
    const state = this.#state;
    this.#state = { name: 'stopped' };
    if (state.name === 'waiting' || state.name === 'dialling') state.cancel();
    if (state.name === 'dialling') state.socket.terminate();
  }

  /** The link is up: the next loss starts with the shortest pause. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** The socket that was handed over is gone. */
  redial(): void {
    if (this.#state.name === 'connected') this.#wait();
  }

  #dial(): void {
    this.#attempts += 1;
    const { address, frameBytesMax, tuning, clock } = this.#options;
    const socket = this.#options.dial(address, frameBytesMax);
    let foreign: string | null = null;
    let abandoned = false;
    const abandon = (): void => {
      abandoned = true;
      socket.terminate();
    };
    const cancel = clock.schedule(tuning.dialTimeoutMs, abandon);
    this.#state = { name: 'dialling', socket, cancel };
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
      // 5xx is one of ours that is full or stopping.
      if (statusCode < 500) foreign = `HTTP status ${statusCode}`;
      abandon();
    });
    socket.on('error', (error) => {
      if (!abandoned && !isNetworkError(error)) foreign = error.message;
    });
    socket.on('close', () => {
      cancel();
      if (this.#state.name !== 'dialling' || this.#state.socket !== socket) return;
      if (foreign !== null) this.#handlers.onForeign(foreign);
      this.#wait();
    });
    socket.on('open', () => {
      cancel();
      this.#state = { name: 'connected' };
      this.#handlers.onOpen(socket);
    });
  }

  #wait(): void {
    const { backoffMinMs, backoffMaxMs } = this.#options.tuning;
    const pauseMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    // Half of it at random, so that nodes that lost each other at once do not knock at once.
    const delayMs = pauseMs * (0.5 + this.#options.random() / 2);
    this.#state = { name: 'waiting', cancel: this.#options.clock.schedule(delayMs, () => this.#dial()) };
  }
}

/** What the system reports has a code (ECONNREFUSED …); what ws and the HTTP parser say of an answer has none, or HPE_…. */
function isNetworkError(error: Error): boolean {
  return 'code' in error && !String(error.code).startsWith('HPE_');
}
