/** What `txn`, `compact` and `resolve` do: JSON in, JSON out. */
import type { Db, Txn, TxnResult } from '../client/index.ts';
import { QuorateError } from '../server/terms.ts';
import { entryJson } from './key-actions.ts';
import type { Output } from './output.ts';

export async function doTxn(db: Db, out: Output, text: string): Promise<void> {
  const txn = txnOf(text);
  const result = await db.txn(txn);
  const { succeeded, revision, results } = result;
  const json = { succeeded, revision, results: results.map(jsonOfResult) };
  if (out.format === 'table') {
    const branch = succeeded ? 'do' : 'otherwise';
    const rows = json.results.map((each, place) => [`${branch}[${place}]`, JSON.stringify(each)]);
    await out.many(
      ['STEP', 'RESULT'],
      [...rows, [branch, `revision ${revision}`]].map((cells) => ({ json, raw: '', cells })),
    );
  } else {
    await out.one({ json, raw: JSON.stringify(json), cells: [] });
  }
  if (!succeeded && (txn.otherwise ?? []).length === 0) {
    throw new QuorateError('CONFLICT', 'a compare does not hold, and nothing was to be done otherwise');
  }
}

export async function compact(db: Db, out: Output, revision: number): Promise<void> {
  const result = await db.compact(revision);
  const { floor } = result;
  const cells = [`history begins at revision ${floor}`];
  await out.one({ json: result, raw: String(floor), cells });
}

export async function resolve(db: Db, out: Output, operation: string): Promise<void> {
  const resolved = await db.resolve(operation);
  if (resolved.outcome === 'not-applied') {
    const why = resolved.error === undefined ? '' : `: ${resolved.error.message}`;
    throw new QuorateError('RESOLVED_NEVER', `it did not take effect, and never will${why}`);
  }
  const { outcome, revision } = resolved;
  const cells = [`it took effect (revision ${revision})`];
  await out.one({ json: { outcome, revision }, raw: String(revision), cells });
}

/** The SDK checks every name and type in it. */
function txnOf(text: string): Txn {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return JSON.parse(text, revived) as Txn;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new QuorateError('INVALID_ARGUMENT', `the transaction is not JSON: ${why}`, { cause });
  }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** What JSON has no form of its own for: bytes, and numbers of 64 bits. */
function revived(name: string, value: unknown): unknown {
  if (name === 'by' || name === 'lease') return integerOf(value);
  if (typeof value !== 'object' || value === null || !('b64' in value)) return value;
  const { b64 } = value;
  return typeof b64 === 'string' && BASE64.test(b64) ? new Uint8Array(Buffer.from(b64, 'base64')) : value;
}

function integerOf(value: unknown): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : value;
}

type Result = TxnResult['results'][number];

function jsonOfResult(result: Result): unknown {
  if (result === undefined) return null;
  if (typeof result === 'number') return result;
  if (isList(result)) return result.map(jsonOfResult);
  if ('keyBytes' in result) return entryJson(result);
  if ('entries' in result) return { entries: result.entries.map(entryJson), more: result.more };
  if ('succeeded' in result) return { ...result, results: result.results.map(jsonOfResult) };
  if ('deleted' in result) return { ...result, previous: result.previous.map(entryJson) };
  if ('value' in result) return { value: result.value.toString(), revision: result.revision };
  const { revision, previous } = result;
  return previous === undefined ? { revision } : { revision, previous: entryJson(previous) };
}

/** Array.isArray forgets that a list may be read-only. */
function isList(result: Result): result is Extract<Result, readonly unknown[]> {
  return Array.isArray(result);
}
