import { QuorateError } from '../../../src/wire/errors.ts';

/** The code of the QuorateError that `call` throws. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (QuorateError.is(error)) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}
