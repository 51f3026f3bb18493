/** The thin skin of the engine: promises on one side, sockets on the other, one timer in between. */
import { decodeServerFrame, encodeClientMessages } from '../wire/client-codec.ts';
import type { ClientLimits } from '../wire/client-protocol.ts';
import { SERVER_FRAME_BYTES_MAX } from '../wire/defaults.ts';
import { QuorateError } from '../wire/errors.ts';
import { CLIENT_SUBPROTOCOL } from '../wire/versions.ts';
import { AbortWatch } from './abort-watch.ts';
import { Engine } from './engine/engine.ts';
import type { EngineOptions, EngineStatus } from './engine/engine.ts';
import type { Dial } from './engine/connections.ts';
import type { ConnectionId } from './engine/link.ts';
import type { Frame } from './engine/outbox.ts';
import type { Answer, Settlement, Work } from './engine/request.ts';
import type { Platform, Socket } from './platform.ts';

/** `schedule` takes no more. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** How long `close` waits for sockets to say farewell. */
const FAREWELL_MS = 1_000;

const NOTHING_TO_RELEASE = (): void => {};

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: QuorateError): void;
  /** Takes the listener off the caller's signal. */
  release(): void;
}

/** A request under way; `cancel` does nothing once it is settled. */
export interface Call {
  readonly answer: Promise<Answer>;
  cancel(reason: unknown): void;
}

export interface CallLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export class Driver {
  readonly #platform: Platform;
  readonly #engine: Engine;
  readonly #sockets = new Map<ConnectionId, Socket>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #aborts = new AbortWatch();
  #flushPlanned = false;
  #cancelTimer: () => void = () => {};
  #timerAt = Number.POSITIVE_INFINITY;
  #closed: Promise<void> | null = null;
  #lastSocketClosed: (() => void) | null = null;

  constructor(platform: Platform, options: EngineOptions) {
    this.#platform = platform;
    this.#engine = new Engine(options, platform.random);
  }

  get limits(): ClientLimits | null {
    return this.#engine.limits;
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.#platform.now();
  }

  /** One timer for one caller; what it returns cancels it. */
  schedule(delayMs: number, run: () => void): () => void {
    return this.#platform.schedule(Math.min(TIMER_MS_MAX, Math.ceil(delayMs)), run);
  }

  status(): EngineStatus {
    return this.#engine.status();
  }

  call(work: Work, limits: CallLimits): Promise<Answer> {
    return this.start(work, limits).answer;
  }

  start(work: Work, { timeoutMs, signal }: CallLimits): Call {
    if (signal?.aborted === true) return { answer: Promise.reject(abortedAtOnce(signal)), cancel: () => {} };
    const id = this.#engine.submit(work, timeoutMs, this.#platform.now());
    const cancel = (reason: unknown): void => {
      this.#engine.abort(id, reason);
      this.#planFlush();
    };
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, release: this.#watch(signal, cancel) });
    });
    this.#planFlush();
    return { answer, cancel };
  }

  #watch(signal: AbortSignal | undefined, cancel: (reason: unknown) => void): () => void {
    return signal === undefined ? NOTHING_TO_RELEASE : this.#aborts.watch(signal, cancel);
  }

  /** Everything still open is settled at once; resolves when the sockets are gone. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#engine.close();
    this.#flush();
    if (this.#sockets.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#platform.schedule(FAREWELL_MS, resolve);
      this.#lastSocketClosed = () => {
        cancel();
        resolve();
      };
    });
  }

  /** What became of the write is known now. */
  resolved(session: bigint, sequence: number): void {
    this.#engine.resolved(session, sequence);
  }

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    this.#platform.endOfTurn(() => {
      this.#flushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    const { dials, frames, hangUps, settled, wakeAt } = this.#engine.drain(this.#platform.now());
    for (const frame of frames) this.#send(frame);
    for (const connection of hangUps) this.#sockets.get(connection)?.close();
    for (const dial of dials) this.#dial(dial);
    this.#wakeAt(wakeAt);
    // Last, because what the callers do next may come back here.
    for (const settlement of settled) this.#settle(settlement);
  }

  #send({ connection, messages }: Frame): void {
    this.#sockets.get(connection)?.send(encodeClientMessages(messages));
  }

  #settle(settlement: Settlement): void {
    const waiting = this.#waiting.get(settlement.id);
    if (waiting === undefined) throw new Error(`request ${settlement.id} was settled twice`);
    this.#waiting.delete(settlement.id);
    waiting.release();
    if (settlement.ok) waiting.resolve(settlement.answer);
    else waiting.reject(settlement.error);
  }

  #dial({ connection, address }: Dial): void {
    const socket = this.#platform.openSocket(`ws://${address}`, CLIENT_SUBPROTOCOL, {
      opened: () => {
        this.#engine.opened(connection);
        this.#flush();
      },
      frame: (bytes) => this.#received(connection, bytes),
      malformed: (reason) => this.#malformed(connection, reason),
      closed: (reason) => {
        this.#sockets.delete(connection);
        this.#engine.lost(connection, new QuorateError('UNAVAILABLE', reason), this.#platform.now());
        this.#flush();
        if (this.#sockets.size === 0) this.#lastSocketClosed?.();
      },
    });
    this.#sockets.set(connection, socket);
  }

  #received(connection: ConnectionId, bytes: Uint8Array): void {
    const decoded = decodeServerFrame(bytes, { frameBytesMax: SERVER_FRAME_BYTES_MAX });
    if (!decoded.ok) return this.#malformed(connection, decoded.reason);
    this.#engine.received(connection, decoded.value, this.#platform.now());
    this.#flush();
  }

  #malformed(connection: ConnectionId, reason: string): void {
    this.#engine.drop(connection, new QuorateError('FRAME_INVALID', reason), this.#platform.now());
    this.#flush();
  }

  /** The timer is left alone when it rings early enough: a drain too many costs less than a timer per request. */
  #wakeAt(wakeAt: number): void {
    if (wakeAt >= this.#timerAt && wakeAt !== Number.POSITIVE_INFINITY) return;
    this.#cancelTimer();
    this.#timerAt = wakeAt;
    if (wakeAt === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(wakeAt - this.#platform.now())));
    this.#cancelTimer = this.#platform.schedule(delayMs, () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#flush();
    });
  }
}

function abortedAtOnce(signal: AbortSignal): QuorateError {
  return new QuorateError('ABORTED', 'the call was aborted before it began', {
    outcome: 'not-applied',
    cause: signal.reason,
  });
}
