import type { Result, Wire } from './frame.ts';
import { Malformed } from './shape.ts';
import type { Shape } from './shape.ts';

/** One bad message condemns its frame: a peer that sends it is broken or hostile, and what else it says is suspect. */
export function decodeMessages<T>(frame: Result<readonly Wire[]>, shape: Shape<T>): Result<T[]> {
  if (!frame.ok) return frame;
  try {
    return { ok: true, value: frame.value.map((message) => shape.decode(message)) };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.message };
    throw error;
  }
}
