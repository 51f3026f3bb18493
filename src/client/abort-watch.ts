/**
 * Callers share signals: a thousand calls may hang on one. It gets a single listener from here, which is taken off as
 * soon as the last of them is settled; Node warns of a leak at the eleventh.
 */
type OnAbort = (reason: unknown) => void;

interface Watched {
  readonly calls: Set<OnAbort>;
  readonly listener: () => void;
}

export class AbortWatch {
  readonly #watched = new Map<AbortSignal, Watched>();

  /** Calls back when the signal aborts, unless what it returns was called before. */
  watch(signal: AbortSignal, onAbort: OnAbort): () => void {
    const { calls } = this.#watched.get(signal) ?? this.#begin(signal);
    calls.add(onAbort);
    return () => {
      calls.delete(onAbort);
      if (calls.size === 0) this.#end(signal);
    };
  }

  #begin(signal: AbortSignal): Watched {
    const calls = new Set<OnAbort>();
    const listener = (): void => {
      for (const onAbort of calls) onAbort(signal.reason);
    };
    const watched = { calls, listener };
    this.#watched.set(signal, watched);
    signal.addEventListener('abort', listener, { once: true });
    return watched;
  }

  #end(signal: AbortSignal): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', watched.listener);
  }
}
