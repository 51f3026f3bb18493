/** Kinds of faults without blanks, as a command line can say them: `slow-disk`. */
import { QuorateError } from '../../server/terms.ts';
import { HARM_KINDS } from '../../sim/index.ts';
import type { HarmKind } from '../../sim/index.ts';

export function faultName(kind: string): string {
  return kind.replaceAll(' ', '-');
}

export function faultKinds(names: readonly string[]): readonly HarmKind[] {
  return names.map((name) => {
    const kind = HARM_KINDS.find((each) => faultName(each) === faultName(name));
    if (kind !== undefined) return kind;
    throw new QuorateError('INVALID_ARGUMENT', `there is no fault "${name}"`, {
      details: { hint: `--faults takes ${HARM_KINDS.map(faultName).join(', ')}` },
    });
  });
}
