import type { LinkWarning } from './peer-links-io.ts';

const REPEAT_MS = 30_000;
/** Strangers choose what they say, so what is remembered of it is bounded. */
const REMEMBERED_MAX = 256;

/** Lets a warning through once, and again after half a minute: links are retried several times a second. */
export class WarningFilter {
  readonly #saidAt = new Map<string, number>();

  passes(warning: LinkWarning, nowMs: number): boolean {
    const key = `${warning.kind} ${warning.peer ?? ''} ${warning.message}`;
    const saidAt = this.#saidAt.get(key);
    if (saidAt !== undefined && nowMs - saidAt < REPEAT_MS) return false;
    if (this.#saidAt.size >= REMEMBERED_MAX) this.#saidAt.clear();
    this.#saidAt.set(key, nowMs);
    return true;
  }
}
