/**
 * The bytes of log entries, the same on disk and between peers (DESIGN 8: encoded once, opaque). Entries stand back
 * to back with nothing before or between them, numbers big-endian; whoever carries them (a block, an append message)
 * adds its own format version and checksum.
 *
 *   offset 0   kind    1 byte: 1 command, 2 no-op, 3 membership
 *          1   index   8 bytes
 *          9   term    8 bytes
 *         17   length  4 bytes
 *         21   data    a command's opaque bytes; nothing; or the lists of a membership:
 *                      voters, outgoing, learners, each a 2-byte count, then ids (1-byte length, UTF-8)
 *
 * Decoding never copies: a command's `data` is a view of the input. It never throws and never allocates more than the
 * input's own size asks for: a list that is not one contiguous piece of a log is `null`.
 */
import type { Entry } from '../raft/entry.ts';
import type { Membership } from '../raft/membership.ts';
import type { NodeId } from '../raft/types.ts';
import { getUint53, setUint53 } from './uint53.ts';

export const ENTRY_HEADER_BYTES = 21;

const KIND = { command: 1, noop: 2, membership: 3 } as const satisfies Record<Entry['kind'], number>;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function encodedEntryBytes(entry: Entry): number {
  return ENTRY_HEADER_BYTES + payloadOf(entry).length;
}

export function encodedEntriesBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += encodedEntryBytes(entry);
  return bytes;
}

export function encodeEntries(entries: readonly Entry[]): Uint8Array {
  const target = new Uint8Array(encodedEntriesBytes(entries));
  encodeEntriesInto(target, 0, entries);
  return target;
}

/** Writes from `offset` on and returns where it ended; the room was measured with `encodedEntriesBytes`. */
export function encodeEntriesInto(target: Uint8Array, offset: number, entries: readonly Entry[]): number {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let at = offset;
  for (const entry of entries) {
    const data = payloadOf(entry);
    view.setUint8(at, KIND[entry.kind]);
    setUint53(view, at + 1, entry.index);
    setUint53(view, at + 9, entry.term);
    view.setUint32(at + 17, data.length);
    target.set(data, at + ENTRY_HEADER_BYTES);
    at += ENTRY_HEADER_BYTES + data.length;
  }
  return at;
}

/** All of `bytes` is entries, their indexes without a gap, their terms never falling (Raft §5.3); else null. */
export function decodeEntries(bytes: Uint8Array): readonly Entry[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  let previous: Entry | null = null;
  let at = 0;
  while (at < bytes.length) {
    const entry = decodeEntryAt(bytes, view, at);
    if (entry === null || !follows(entry, previous)) return null;
    entries.push(entry);
    previous = entry;
    at += ENTRY_HEADER_BYTES + view.getUint32(at + 17);
  }
  return entries;
}

function decodeEntryAt(bytes: Uint8Array, view: DataView, at: number): Entry | null {
  if (bytes.length - at < ENTRY_HEADER_BYTES) return null;
  const index = getUint53(view, at + 1);
  const term = getUint53(view, at + 9);
  const length = view.getUint32(at + 17);
  if (index < 1 || term < 1 || length > bytes.length - at - ENTRY_HEADER_BYTES) return null;
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + at + ENTRY_HEADER_BYTES, length);
  switch (view.getUint8(at)) {
    case KIND.command:
      return { kind: 'command', index, term, data };
    case KIND.noop:
      return length === 0 ? { kind: 'noop', index, term } : null;
    case KIND.membership: {
      const membership = decodeMembership(data);
      return membership === null ? null : { kind: 'membership', index, term, membership };
    }
    default:
      return null;
  }
}

function follows(entry: Entry, previous: Entry | null): boolean {
  return previous === null || (entry.index === previous.index + 1 && entry.term >= previous.term);
}

const EMPTY = new Uint8Array(0);

function payloadOf(entry: Entry): Uint8Array {
  if (entry.kind === 'command') return entry.data;
  return entry.kind === 'membership' ? encodeMembership(entry.membership) : EMPTY;
}

function encodeMembership(membership: Membership): Uint8Array {
  const bytes: number[] = [];
  for (const list of [membership.voters, membership.outgoing, membership.learners]) {
    bytes.push(list.length >>> 8, list.length & 0xff);
    for (const id of list) {
      const name = utf8.encode(id);
      if (name.length === 0 || name.length > 0xff)
        throw new Error(`node id of ${name.length} bytes in a log entry`);
      bytes.push(name.length, ...name);
    }
  }
  return Uint8Array.from(bytes);
}

function decodeMembership(data: Uint8Array): Membership | null {
  const lists: NodeId[][] = [];
  let at = 0;
  for (let list = 0; list < 3; list++) {
    const decoded = decodeIds(data, at);
    if (decoded === null) return null;
    lists.push(decoded.ids);
    at = decoded.end;
  }
  const [voters = [], outgoing = [], learners = []] = lists;
  if (at !== data.length || voters.length === 0) return null;
  if (learners.some((id) => voters.includes(id))) return null;
  return { voters, outgoing, learners };
}

/** Sorted and free of duplicates, as every list of a membership is. */
function decodeIds(data: Uint8Array, start: number): { ids: NodeId[]; end: number } | null {
  const high = data[start];
  const low = data[start + 1];
  if (high === undefined || low === undefined) return null;
  const ids: NodeId[] = [];
  let at = start + 2;
  for (let left = high * 256 + low; left > 0; left--) {
    const length = data[at];
    if (length === undefined || length === 0 || at + 1 + length > data.length) return null;
    const id = decodeId(data.subarray(at + 1, at + 1 + length));
    const previous = ids.at(-1);
    if (id === null || (previous !== undefined && previous >= id)) return null;
    ids.push(id);
    at += 1 + length;
  }
  return { ids, end: at };
}

function decodeId(bytes: Uint8Array): NodeId | null {
  try {
    const name = strictUtf8.decode(bytes);
    return isNodeId(name) ? name : null;
  } catch {
    return null;
  }
}

/** Any name will do here: whether it may be used was decided before its membership was appended. */
function isNodeId(name: string): name is NodeId {
  return name.length > 0;
}
