/**
 * What changes with every write besides the entries, in the same atomic batch: the hard state, and the log's own word
 * on where it ends. `writes` and `end` let an opening notice that LevelDB lost a batch, which it does without an error
 * (reference/reliability.md 0).
 *
 *   offset 0   CRC-32, version   5 bytes
 *          5   writes            8 bytes
 *         13   term              8 bytes
 *         21   commit hint       8 bytes
 *         29   end               32 bytes, a chain point
 *         61   voted for         the rest, UTF-8; nothing for nobody
 */
import type { HardState, LogIndex, NodeId } from '../raft/types.ts';
import { getUint53, setUint53 } from '../wire/uint53.ts';
import { CHAIN_POINT_BYTES, type ChainPoint, readChainPoint, writeChainPoint } from './chain.ts';
import { SEAL_BYTES, seal, sealState } from './sealed.ts';

export const STATE_VERSION = 1;

const END_AT = SEAL_BYTES + 24;
const VOTE_AT = END_AT + CHAIN_POINT_BYTES;

export interface StateRecord {
  /** Batches since the directory was made. */
  readonly writes: number;
  readonly hardState: HardState;
  readonly commitHint: LogIndex;
  /** Where the log ended when this was written. */
  readonly end: ChainPoint;
}

export type DecodedState =
  | { readonly kind: 'sound'; readonly state: StateRecord }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'unsupported'; readonly version: number };

export function encodeState(state: StateRecord): Uint8Array {
  const vote = Buffer.from(state.hardState.votedFor ?? '', 'utf8');
  const record = Buffer.allocUnsafe(VOTE_AT + vote.length);
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  setUint53(view, SEAL_BYTES, state.writes);
  setUint53(view, SEAL_BYTES + 8, state.hardState.term);
  setUint53(view, SEAL_BYTES + 16, state.commitHint);
  writeChainPoint(record, END_AT, state.end);
  record.set(vote, VOTE_AT);
  seal(record, STATE_VERSION);
  return record;
}

export function decodeState(record: Uint8Array | undefined): DecodedState {
  if (record === undefined) return { kind: 'absent' };
  const sealed = sealState(record, STATE_VERSION);
  if (sealed.kind !== 'sound') return sealed;
  const state = decodeBody(record);
  return state === null ? { kind: 'damaged' } : { kind: 'sound', state };
}

function decodeBody(record: Uint8Array): StateRecord | null {
  if (record.length < VOTE_AT) return null;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const writes = getUint53(view, SEAL_BYTES);
  const term = getUint53(view, SEAL_BYTES + 8);
  const commitHint = getUint53(view, SEAL_BYTES + 16);
  const end = readChainPoint(record, END_AT);
  if (writes < 0 || term < 0 || commitHint < 0 || end === null) return null;
  const vote = Buffer.from(record.subarray(VOTE_AT)).toString('utf8');
  return { writes, hardState: { term, votedFor: isNodeId(vote) ? vote : null }, commitHint, end };
}

function isNodeId(name: string): name is NodeId {
  return name !== '';
}
