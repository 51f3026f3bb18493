/** Thrown when one of our own laws is broken. Nobody catches it: a node that contradicts itself must stop. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function invariant(holds: boolean, law: string): asserts holds {
  if (!holds) throw new InvariantError(law);
}

/** Makes a switch exhaustive: a new variant does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`);
}
