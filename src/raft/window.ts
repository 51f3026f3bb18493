import type { LogIndex } from './types.ts';

interface Flight {
  readonly lastIndex: LogIndex;
  readonly bytes: number;
}

/** Appends on their way to one peer, bounded by count and by bytes; an empty window always admits one. */
export class Window {
  readonly #messagesMax: number;
  readonly #bytesMax: number;
  readonly #flights: Flight[] = [];
  #bytes = 0;

  constructor(messagesMax: number, bytesMax: number) {
    this.#messagesMax = messagesMax;
    this.#bytesMax = bytesMax;
  }

  get messages(): number {
    return this.#flights.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** For fingerprint.ts. */
  inside(): unknown {
    return this.#flights;
  }

  get full(): boolean {
    return this.#flights.length >= this.#messagesMax || (this.#bytes >= this.#bytesMax && this.messages > 0);
  }

  add(lastIndex: LogIndex, bytes: number): void {
    this.#flights.push({ lastIndex, bytes });
    this.#bytes += bytes;
  }

  /** The peer has everything up to `match`. */
  release(match: LogIndex): void {
    let count = 0;
    for (const flight of this.#flights) {
      if (flight.lastIndex > match) break;
      this.#bytes -= flight.bytes;
      count += 1;
    }
    if (count > 0) this.#flights.splice(0, count);
  }
}
