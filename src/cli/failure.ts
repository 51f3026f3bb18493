/** How the command line says that something went wrong: one form for people, one for programs. */
import { styleText } from 'node:util';
import { QuorateError } from '../server/terms.ts';
import type { OutputStream } from './io.ts';

/** `error[CODE]: what` and a hint; or the same as one JSON line. */
export function describeFailure(error: QuorateError, json: boolean, color = false): string {
  const { code, message, outcome, retryable, details } = error;
  if (json) {
    const { hint, ...facts } = details;
    return `${JSON.stringify({ code, message, outcome, retryable, ...facts, hint })}\n`;
  }
  const lines = [`${paint(color, 'red', `error[${code}]:`)} ${message}`];
  if (outcome === 'unknown' && code !== 'INTERNAL') lines.push('it is not known whether this took effect');
  const hint = hintOf(error);
  if (hint !== undefined) lines.push(`${paint(color, 'cyan', 'hint:')} ${hint}`);
  return `${lines.join('\n')}\n`;
}

/** What became of a write can be asked for, and that is better than any advice about the way there. */
function hintOf({ code, details: { operation, hint } }: QuorateError): string | undefined {
  if (operation === undefined) return hint ?? HINTS[code];
  return `within a minute, quorate resolve ${operation} tells, and sees to it that it never does if it has not`;
}

const HINTS: Partial<Record<QuorateError['code'], string>> = {
  UNAVAILABLE:
    'is the cluster running? --endpoints or QUORATE_ENDPOINTS says where; quorate demo starts one here',
  NO_QUORUM: 'quorate status shows which nodes are up; get --level local reads without a majority',
  CONFLICT: 'read the key again and decide anew',
  COMPACTED: 'history is kept for an hour or a million revisions unless settings say otherwise',
  DATA_LOCKED: 'another process runs on this folder; every node needs its own --data',
  INCARNATION_FENCED: 'bring back the data of this node, or join with a new id',
  CORRUPT: 'do not start it again on this data; replace the node',
  INTERNAL: 'this is a fault in Quorate; please report it with the lines above',
};

/** Whatever was thrown, as the one error type there is. */
export function toQuorateError(thrown: unknown): QuorateError {
  if (QuorateError.is(thrown)) return thrown;
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new QuorateError('INTERNAL', message, { cause: thrown });
}

export function hasColor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

export function paint(color: boolean, style: Parameters<typeof styleText>[0], text: string): string {
  return color ? styleText(style, text, { validateStream: false }) : text;
}
