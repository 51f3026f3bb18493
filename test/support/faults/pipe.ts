/** One direction of one connection: takes bytes from one socket, asks the lane, gives them to the other socket. */
import type { Socket } from 'node:net';

import type { Lane } from './lane.ts';

/** What two kernels buffer between two processes, about; beyond it the sender is no longer read. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

interface Parcel {
  /** null: the sender's FIN. */
  readonly bytes: Buffer | null;
  readonly dueAtMs: number;
}

export class Pipe {
  readonly #lane: Lane;
  readonly #source: Socket;
  readonly #snapped: () => void;
  /** null until the far side is connected. */
  #target: Socket | null = null;
  #parcels: Parcel[] = [];
  #bufferedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #blocked = false;
  #hole = false;
  #ended = false;
  #closed = false;

  /** `snapped`: the lane has broken the connection. */
  constructor(source: Socket, lane: Lane, snapped: () => void) {
    this.#source = source;
    this.#lane = lane;
    this.#snapped = snapped;
    source.on('data', (bytes) => this.#take(bytes));
    // A reset is told to the other side as an end: to a reader of frames it is the same.
    source.once('end', () => this.#finish());
    source.once('close', () => this.#finish());
  }

  /** A stream that lost bytes can never go on. */
  get hasHole(): boolean {
    return this.#hole;
  }

  get ended(): boolean {
    return this.#ended;
  }

  deliverTo(target: Socket): void {
    this.#target = target;
    const unblock = (): void => {
      this.#blocked = false;
      this.pump();
    };
    target.on('drain', unblock);
    target.once('close', unblock);
    this.pump();
  }

  /** Delivers what is due; again by itself when more is. Called when the lane has changed, too. */
  pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (;;) {
      const [parcel] = this.#parcels;
      if (parcel === undefined || this.#target === null || this.#blocked || this.#lane.closed) break;
      const waitMs = parcel.dueAtMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#parcels.shift();
      this.#deliver(parcel, this.#target);
    }
    if (this.#bufferedBytes < BUFFERED_BYTES_MAX) this.#source.resume();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#parcels = [];
    this.#closed = true;
  }

  #take(bytes: Buffer): void {
    if (this.#lane.closed) this.#lane.stopped(bytes.length);
    if (this.#lane.condition.kind === 'drop') {
      this.#hole = true;
      return;
    }
    if (this.#lane.snaps()) {
      this.#lane.stopped(bytes.length);
      this.#snapped();
      return;
    }
    this.#bufferedBytes += bytes.length;
    this.#add(bytes, bytes.length);
    if (this.#bufferedBytes >= BUFFERED_BYTES_MAX) this.#source.pause();
  }

  #finish(): void {
    if (this.#ended || this.#closed) return;
    this.#ended = true;
    if (this.#lane.condition.kind === 'drop') this.#hole = true;
    else this.#add(null, 0);
  }

  #add(bytes: Buffer | null, length: number): void {
    const now = performance.now();
    const previous = this.#parcels.at(-1)?.dueAtMs ?? now;
    const late = this.#lane.latenessMs(length);
    const dueAtMs = Math.max(previous, now + late.afterNowMs) + late.afterPreviousMs;
    this.#parcels.push({ bytes, dueAtMs });
    this.pump();
  }

  #deliver({ bytes }: Parcel, target: Socket): void {
    if (bytes === null) {
      target.end();
      return;
    }
    this.#bufferedBytes -= bytes.length;
    this.#lane.passed(bytes.length);
    if (!target.destroyed) this.#blocked = !target.write(bytes) && !target.destroyed;
  }
}
