/** `/v1/kv/…`: one request, one operation; raw bytes for a value, JSON for everything else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLeaseResult } from '../kv/lease-operation.ts';
import type {
  Bytes,
  Condition,
  GetQuery,
  GetResult,
  KvRecord,
  Operation,
  Reply,
  ScanQuery,
  ScanResult,
} from '../kv/operation.ts';
import type { ReadLevel, ServerMessage } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { fromFailedMessage, fromFailure } from '../wire/failures.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import { prefixRange } from '../wire/ranges.ts';
import { sendBytes, sendError, sendJson } from './http-answers.ts';
import type { HttpNode } from './http-routes.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
const PATH_PREFIX = '/v1/kv/';

export async function serveKey(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  node: HttpNode,
): Promise<void> {
  const key = Buffer.from(decodeURIComponent(url.pathname.slice(PATH_PREFIX.length)));
  switch (request.method ?? '') {
    case 'GET':
    case 'HEAD':
      return key.length === 0 ? serveScan(response, url, node) : serveGet(response, url, node, key);
    case 'PUT': {
      const value = await readBody(request, node.limits.requestBytesMax);
      const conditions = conditionsOf(url);
      const put: Operation = { type: 'put', key, value, conditions, returnPrevious: false };
      return serveWrite(response, url, node, put);
    }
    case 'POST': {
      const by = integer(url, 'increment');
      if (by === null) throw new QuorateError('INVALID_ARGUMENT', 'POST needs ?increment=N');
      return serveWrite(response, url, node, { type: 'increment', key, by });
    }
    case 'DELETE': {
      const target = { start: key, end: null };
      const conditions = conditionsOf(url);
      return serveWrite(response, url, node, { type: 'delete', target, conditions, returnPrevious: false });
    }
    default:
      response.setHeader('allow', 'GET, HEAD, PUT, POST, DELETE');
      throw new QuorateError('INVALID_ARGUMENT', `method ${request.method} is not known here`);
  }
}

async function serveGet(response: ServerResponse, url: URL, node: HttpNode, key: Buffer): Promise<void> {
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
  const { answer, result, resume } = await read(url, node, {
    type: 'scan',
    range: prefixRange(Buffer.from(url.searchParams.get('prefix') ?? '')),
    limit: Number(integer(url, 'limit') ?? 0n),
    reverse: url.searchParams.has('reverse'),
    keysOnly: url.searchParams.has('keysOnly'),
    countOnly: url.searchParams.has('countOnly'),
  });
  if (result.type !== 'scan') throw new QuorateError('INTERNAL', 'a scan was answered as a get');
  const { records, count, more } = result;
  describeRead(response, answer);
  return sendJson(response, 200, {
    revision: answer.revision,
    count,
    more,
    ...(resume === null ? {} : { resume: bytesJson(resume) }),
    records: records.map(recordJson),
  });
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
  const revision = integer(url, 'atRevision');
  const answer = await node.submit({
    type: 'read',
    id: 1,
    timeoutMs: timeoutOf(url),
    level,
    minRevision: Number(integer(url, 'minRevision') ?? 0n),
    query: revision === null ? query : { type: 'past', revision: revisionOf(revision), read: query },
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

function revisionOf(number: bigint): number {
  if (number >= 1n && number <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(number);
  throw new QuorateError('INVALID_ARGUMENT', `${number} is not a revision: the first is 1`);
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
  const revision = integer(url, 'revision');
  if (revision === null) throw new QuorateError('INVALID_ARGUMENT', 'POST needs ?revision=N');
  return serveWrite(response, url, node, { type: 'compact', revision: revisionOf(revision) });
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

function conditionsOf(url: URL): Condition[] {
  const conditions: Condition[] = [];
  if (url.searchParams.has('ifAbsent')) conditions.push({ type: 'absent' });
  if (url.searchParams.has('ifPresent')) conditions.push({ type: 'present' });
  const revision = integer(url, 'ifRevision');
  if (revision !== null) conditions.push({ type: 'revision', modRevision: Number(revision) });
  const version = integer(url, 'ifVersion');
  if (version !== null) conditions.push({ type: 'version', version: Number(version) });
  return conditions;
}

function levelOf(url: URL): ReadLevel {
  const level = url.searchParams.get('level') ?? 'linearizable';
  if (level === 'linearizable' || level === 'local') return level;
  throw new QuorateError('INVALID_ARGUMENT', `level=${level}: it is linearizable or local`);
}

function timeoutOf(url: URL): number {
  const timeoutMs = Number(integer(url, 'timeoutMs') ?? BigInt(DEFAULT_TIMEOUT_MS));
  if (timeoutMs >= 1 && timeoutMs <= 60_000) return timeoutMs;
  throw new QuorateError('INVALID_ARGUMENT', `timeoutMs=${timeoutMs}: it is 1 to 60000`);
}

function integer(url: URL, name: string): bigint | null {
  const text = url.searchParams.get(name);
  if (text === null) return null;
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text);
  throw new QuorateError('INVALID_ARGUMENT', `${name}=${text} is not an integer`);
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
