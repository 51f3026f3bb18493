import { QuorateError } from '../../src/client/index.ts';
import type { Database } from './cluster.ts';

export interface SettledWrite {
  readonly revision: number;
  /** How often the outcome of an attempt stayed unknown before a read told. */
  readonly unknown: number;
  /** How often it was refused and tried again. */
  readonly refused: number;
}

/** No write may take longer than this, leader changes included. */
const PATIENCE_MS = 20_000;

/**
 * Creates a key exactly once whatever happens on the way: the condition makes a second attempt harmless, and a read
 * settles what an attempt left unknown. Every key must be written by one caller only.
 */
export async function createOnce(db: Database, key: string, value: string): Promise<SettledWrite> {
  const deadline = performance.now() + PATIENCE_MS;
  let unknown = 0;
  let refused = 0;
  for (;;) {
    try {
      const { revision } = await db.put(key, value, { ifAbsent: true });
      return { revision, unknown, refused };
    } catch (error) {
      if (!QuorateError.is(error)) throw error;
      // Someone else would have to be at work here, or a write that was refused has been applied after all.
      if (error.code === 'CONFLICT' && unknown === 0) throw error;
      if (performance.now() > deadline) throw error;
      if (error.outcome === 'unknown' || error.code === 'CONFLICT') {
        if (error.outcome === 'unknown') unknown += 1;
        const revision = await createdRevision(db, key, value);
        if (revision !== null) return { revision, unknown, refused };
      } else if (error.retryable) refused += 1;
      else throw error;
    }
  }
}

async function createdRevision(db: Database, key: string, value: string): Promise<number | null> {
  try {
    const entry = await db.get(key);
    if (entry === undefined) return null;
    if (entry.text() !== value) throw new Error(`${key} holds what nobody wrote`);
    return entry.createRevision;
  } catch (error) {
    if (QuorateError.is(error) && error.retryable) return null;
    throw error;
  }
}
