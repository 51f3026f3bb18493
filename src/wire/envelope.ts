/**
 * The data of a command entry: many clients' requests under one stamp of cluster time. A request's position in
 * history is (log index, ordinal in the envelope). The layout is fixed (DESIGN 10), numbers are big-endian:
 *
 *   offset 0   format version   1 byte, now 1
 *          1   kind             1 byte, now 1 (requests)
 *          2   cluster time     8 bytes, milliseconds
 *         10   request count    4 bytes
 *         14   each request     8 bytes session · 8 bytes sequence · 8 bytes auth revision
 *                               2 bytes user length, user · 4 bytes operation length, operation
 *
 * The client encodes the operation once; its bytes go through unchanged to every log and are decoded where they are
 * applied. What is in the log was checked before it was proposed, so a decoder that finds it wrong throws: that is our
 * own broken invariant.
 */
import type { Request } from '../kv/state-machine.ts';
import { decodeAcknowledged } from './acknowledged-operation.ts';
import { allocate } from './allocate.ts';
import { getUint53, setUint53 } from './uint53.ts';

export interface Envelope {
  readonly clusterTimeMs: number;
  readonly requests: readonly Request[];
}

/** A request whose operation is still as the client encoded it, in a session with what is acknowledged. */
export interface EncodedRequest {
  readonly session: bigint;
  readonly sequence: number;
  /** Empty until there is authentication. */
  readonly user: string;
  readonly authRevision: number;
  readonly operation: Uint8Array;
}

const FORMAT = 1;
const KIND_REQUESTS = 1;
const TIME_OFFSET = 2;
const COUNT_OFFSET = 10;
const HEADER_BYTES = 14;
const USER_BYTES_MAX = 0xffff;
const REQUEST_HEADER_BYTES = 8 + 8 + 8 + 2 + 4;

/** What is in a log was admitted under some limits; here only the layout counts. */
const ANY_SIZE = { keyBytesMax: Number.MAX_SAFE_INTEGER, valueBytesMax: Number.MAX_SAFE_INTEGER };

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NOBODY = new Uint8Array(0);

/** How large an envelope of these requests is, header included. */
export function envelopeBytes(requests: readonly EncodedRequest[]): number {
  let bytes = HEADER_BYTES;
  for (const request of requests) {
    bytes += REQUEST_HEADER_BYTES + bytesOfUser(request.user).length + request.operation.length;
  }
  return bytes;
}

export function encodeEnvelope(clusterTimeMs: number, requests: readonly EncodedRequest[]): Uint8Array {
  const target = allocate(envelopeBytes(requests));
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  view.setUint8(0, FORMAT);
  view.setUint8(1, KIND_REQUESTS);
  setUint53(view, TIME_OFFSET, clusterTimeMs);
  view.setUint32(COUNT_OFFSET, requests.length);
  let at = HEADER_BYTES;
  for (const { session, sequence, user, authRevision, operation } of requests) {
    const userBytes = bytesOfUser(user);
    view.setBigInt64(at, session);
    setUint53(view, at + 8, sequence);
    setUint53(view, at + 16, authRevision);
    view.setUint16(at + 24, userBytes.length);
    target.set(userBytes, at + 26);
    at += 26 + userBytes.length;
    view.setUint32(at, operation.length);
    target.set(operation, at + 4);
    at += 4 + operation.length;
  }
  return target;
}

function bytesOfUser(user: string): Uint8Array {
  if (user === '') return NOBODY;
  const bytes = utf8Encoder.encode(user);
  if (bytes.length > USER_BYTES_MAX) throw new Error(`a user name of ${bytes.length} bytes`);
  return bytes;
}

/** Throws on bytes that no leader of ours can have proposed. Keys and values are views on `data`. */
export function decodeEnvelope(data: Uint8Array): Envelope {
  const view = checkedView(data);
  const count = view.getUint32(COUNT_OFFSET);
  const requests: Request[] = [];
  let at = HEADER_BYTES;
  for (let ordinal = 0; ordinal < count; ordinal += 1) {
    const userBytes = view.getUint16(at + 24);
    const user = userBytes === 0 ? '' : utf8Decoder.decode(data.subarray(at + 26, at + 26 + userBytes));
    const operationAt = at + REQUEST_HEADER_BYTES + userBytes;
    const end = operationAt + view.getUint32(operationAt - 4);
    const decoded = decodeAcknowledged(data.subarray(operationAt, end), ANY_SIZE);
    if (!decoded.ok) throw new Error(`request ${ordinal} of an envelope: ${decoded.message}`);
    const { back, operation } = decoded.value;
    const sequence = checkedUint53(view, at + 8);
    requests.push({
      session: view.getBigInt64(at),
      sequence,
      acknowledgedThrough: back === null ? 0 : Math.max(0, sequence - back),
      user,
      authRevision: checkedUint53(view, at + 16),
      operation,
    });
    at = end;
  }
  if (at !== data.length) throw new Error('something follows the last request of an envelope');
  return { clusterTimeMs: checkedUint53(view, TIME_OFFSET), requests };
}

/** The stamp alone, without decoding the requests. */
export function peekClusterTime(data: Uint8Array): number {
  return checkedUint53(checkedView(data), TIME_OFFSET);
}

function checkedUint53(view: DataView, at: number): number {
  const value = getUint53(view, at);
  if (value < 0) throw new Error(`no safe integer at offset ${at} of an envelope`);
  return value;
}

function checkedView(data: Uint8Array): DataView {
  if (data.length < HEADER_BYTES) throw new Error(`an envelope of ${data.length} bytes`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const format = view.getUint8(0);
  if (format !== FORMAT) throw new Error(`envelope format ${format} is not known here`);
  const kind = view.getUint8(1);
  if (kind !== KIND_REQUESTS) throw new Error(`envelope kind ${kind} is not known here`);
  return view;
}
