/** `/v1/kv/…`: one request, one operation; raw bytes for a value, JSON for everything else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLeaseResult } from '../kv/lease-operation.ts';
import type {
  Bytes,
  GetQuery,
  GetResult,
  KeyRange,
  KvRecord,
  Operation,
  Reply,
  ScanQuery,
  ScanResult,
} from '../kv/operation.ts';
import type { ServerMessage } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { fromFailedMessage, fromFailure } from '../wire/failures.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import { prefixRange } from '../wire/ranges.ts';
import { sendBytes, sendError, sendJson } from './http-answers.ts';
import {
  checkNames,
  conditionsOf,
  filterOf,
  flag,
  integer,
  invalid,
  leaseOf,
  levelOf,
  timeoutOf,
  unescaped,
  whole,
} from './http-params.ts';
import type { HttpNode } from './http-routes.ts';

const PATH_PREFIX = '/v1/kv/';
/** The revision of a `past` read that is none. */
const PRESENT = 0;

export async function serveKey(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  node: HttpNode,
): Promise<void> {
  const key = unescaped(url.pathname.slice(PATH_PREFIX.length));
  switch (request.method ?? '') {
    case 'GET':
    case 'HEAD':
      return key.length === 0 ? serveScan(response, url, node) : serveGet(response, url, node, key);
    case 'PUT': {
      checkNames('put', url);
      const lease = leaseOf(url);
      const conditions = conditionsOf(url);
      const value = await readBody(request, node.limits.requestBytesMax);
      const put: Operation = { type: 'put', key, value, conditions, returnPrevious: false, ...lease };
      return serveWrite(response, url, node, put);
    }
    case 'POST': {
      checkNames('increment', url);
      const by = integer(url, 'increment');
      if (by === null) throw invalid('POST needs ?increment=N');
      return serveWrite(response, url, node, { type: 'increment', key, by });
    }
    case 'DELETE': {
      checkNames('delete', url);
      const target = { start: key, end: null };
      const conditions = conditionsOf(url);
      return serveWrite(response, url, node, { type: 'delete', target, conditions, returnPrevious: false });
    }
    default:
      response.setHeader('allow', 'GET, HEAD, PUT, POST, DELETE');
      throw new QuorateError('INVALID_ARGUMENT', `method ${request.method} is not known here`);
  }
}

async function serveGet(response: ServerResponse, url: URL, node: HttpNode, key: Bytes): Promise<void> {
  checkNames('get', url);
  const { answer, result } = await read(url, node, { type: 'get', keys: [key] });
  describeRead(response, answer);
  const record = result.type === 'get' ? (result.records[0] ?? null) : null;
  if (record === null) return sendError(response, new QuorateError('NOT_FOUND', 'the key does not exist'));
  response.setHeader('quorate-mod-revision', record.modRevision);
  response.setHeader('quorate-create-revision', record.createRevision);
  response.setHeader('quorate-version', record.version);
  return sendBytes(response, 200, record.value);
}

async function serveScan(response: ServerResponse, url: URL, node: HttpNode): Promise<void> {
  checkNames('scan', url);
  const reverse = flag(url, 'reverse');
  const countOnly = flag(url, 'countOnly');
  const { answer, result, resume } = await read(url, node, {
    type: 'scan',
    range: rangeOf(url, reverse),
    limit: whole(url, 'limit', 1) ?? 0,
    reverse,
    keysOnly: flag(url, 'keysOnly'),
    countOnly,
  });
  if (result.type !== 'scan') throw new QuorateError('INTERNAL', 'a scan was answered as a get');
  const { records, count, more } = result;
  describeRead(response, answer);
  const last = resume ?? (more ? (records.at(-1)?.key ?? null) : null);
  return sendJson(response, 200, {
    revision: answer.revision,
    count,
    more,
    ...(last === null ? {} : { resume: bytesJson(last) }),
    records: records.map(recordJson),
  });
}

/** `after` is the `resume` of the page before: what remains behind it, or in reverse before it. */
function rangeOf({ searchParams }: URL, reverse: boolean): KeyRange {
  const range = prefixRange(Buffer.from(searchParams.get('prefix') ?? ''));
  const after = Buffer.from(searchParams.get('after') ?? '');
  if (after.length === 0) return range;
  const { start, end } = range;
  if (reverse) return isBefore(after, end) ? { start, end: after } : range;
  // The next key after `k` is `k` and a zero byte.
  const next = Buffer.concat([after, Buffer.of(0)]);
  return Buffer.compare(next, start) > 0 ? { start: next, end } : range;
}

/** An empty end is behind every key. */
function isBefore(key: Bytes, end: Bytes | null): boolean {
  return end === null || end.length === 0 || Buffer.compare(key, end) < 0;
}

function describeRead(response: ServerResponse, answer: Extract<ServerMessage, { type: 'answer' }>): void {
  response.setHeader('quorate-revision', answer.revision);
  response.setHeader('quorate-term', answer.term);
  response.setHeader('quorate-level', answer.level);
  if (answer.ageMs >= 0) response.setHeader('quorate-age-ms', answer.ageMs);
}

interface ReadOutcome {
  readonly answer: Extract<ServerMessage, { type: 'answer' }>;
  readonly result: GetResult | ScanResult;
  /** Of a scan of the past: where it goes on. */
  readonly resume: Bytes | null;
}

async function read(url: URL, node: HttpNode, query: GetQuery | ScanQuery): Promise<ReadOutcome> {
  const level = levelOf(url);
  const revision = whole(url, 'atRevision', 1);
  const filter = filterOf(url);
  const isPlain = revision === null && filter === undefined;
  const answer = await node.submit({
    type: 'read',
    id: 1,
    timeoutMs: timeoutOf(url),
    level,
    minRevision: whole(url, 'minRevision', 0) ?? 0,
    query: isPlain ? query : { type: 'past', revision: revision ?? PRESENT, read: query, filter },
  });
  if (answer.type === 'failed') throw fromFailedMessage(answer);
  if (answer.type !== 'answer') throw new QuorateError('INTERNAL', `a read was answered with ${answer.type}`);
  const { result } = answer;
  if (result.type === 'failure') throw fromFailure(result.failure);
  if (result.type === 'past') return { answer, result: result.result, resume: result.resume };
  if (result.type === 'txn' || isLeaseResult(result)) {
    throw new QuorateError('INTERNAL', 'a read was answered as something else');
  }
  return { answer, result, resume: null };
}

async function serveWrite(
  response: ServerResponse,
  url: URL,
  node: HttpNode,
  operation: Operation,
): Promise<void> {
  const answer = await node.submit({
    type: 'write',
    id: 1,
    timeoutMs: timeoutOf(url),
    session: 0n,
    sequence: 0,
    operation: encodeOperation(operation),
  });
  if (answer.type === 'failed') throw fromFailedMessage(answer);
  if (answer.type !== 'written')
    throw new QuorateError('INTERNAL', `a write was answered with ${answer.type}`);
  if (answer.reply.type === 'failure') throw fromFailure(answer.reply.failure);
  return sendJson(response, 200, replyJson(answer.reply));
}

/** `/v1/compact`: history is of the whole store, so it stands beside the keys. */
export async function serveCompact(response: ServerResponse, url: URL, node: HttpNode): Promise<void> {
  checkNames('compact', url);
  const revision = whole(url, 'revision', 1);
  if (revision === null) throw invalid('POST needs ?revision=N');
  return serveWrite(response, url, node, { type: 'compact', revision });
}

function replyJson(reply: Exclude<Reply, { type: 'failure' }>): Record<string, unknown> {
  if (reply.type === 'put') return { revision: reply.revision };
  if (reply.type === 'delete') return { deleted: reply.deleted, revision: reply.revision };
  // A 64-bit value does not fit a JSON number everywhere.
  if (reply.type === 'increment') return { value: reply.value.toString(), revision: reply.revision };
  if (reply.type === 'compact') return { floor: reply.floor, revision: reply.revision };
  throw new QuorateError('INTERNAL', `no path asks for ${reply.type}`);
}

/** Bytes that are not UTF-8 come as `{ "b64": … }`. */
function bytesJson(bytes: Uint8Array): string | { readonly b64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString('utf8');
  return Buffer.from(text, 'utf8').equals(buffer) ? text : { b64: buffer.toString('base64') };
}

function recordJson(record: KvRecord): Record<string, unknown> {
  const { createRevision, modRevision, version } = record;
  const lease = record.lease.toString();
  return {
    key: bytesJson(record.key),
    value: bytesJson(record.value),
    createRevision,
    modRevision,
    version,
    lease,
  };
}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += buffer.length;
    if (bytes > bytesMax) {
      const details = { limit: bytesMax };
      throw new QuorateError('REQUEST_TOO_LARGE', `the body is larger than ${bytesMax} bytes`, { details });
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}
