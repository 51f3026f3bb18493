import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientMessages,
  encodeServerMessages,
} from '../../../src/wire/client-codec.ts';
import {
  CLIENT_FRAME_ELEMENTS_MAX,
  clientFrameBytesMax,
  DEFAULT_LIMITS,
  peerFrameBytesMax,
  SERVER_FRAME_BYTES_MAX,
} from '../../../src/wire/defaults.ts';
import { encodeEnvelope } from '../../../src/wire/envelope.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { decodePeerFrame, encodePeerMessages } from '../../../src/wire/peer-codec.ts';
import { prefixRange } from '../../../src/wire/ranges.ts';
import { negotiate } from '../../../src/wire/versions.ts';
import { CLIENT_MESSAGES, RAFT_MESSAGES } from './samples.ts';

const MIB = 1024 * 1024;
const key = new Uint8Array(4_096).fill(0x6b);

/** The largest put that limits of this size let in, its operation as large as a request may be. */
function largestPut(requestBytesMax: number): Uint8Array {
  const value = new Uint8Array(requestBytesMax - key.length - 64);
  return encodeOperation({ type: 'put', key, value, conditions: [], returnPrevious: true });
}

describe.each([
  ['the defaults', DEFAULT_LIMITS.requestBytesMax],
  ['the largest settings', 16 * MIB],
  ['the smallest settings', 8 * 1024],
])('with %s, the largest request', (_, requestBytesMax) => {
  const operation = largestPut(requestBytesMax);

  it('passes from its client to a node', () => {
    const frame = encodeClientMessages([{ ...CLIENT_MESSAGES.write, operation }]);
    expect(decodeClientFrame(frame, { frameBytesMax: clientFrameBytesMax(requestBytesMax) }).ok).toBe(true);
  });

  it('passes from a follower to the leader, and from there to everybody in one entry', () => {
    const limits = { frameBytesMax: peerFrameBytesMax(requestBytesMax) };
    const request = { session: -(2n ** 63n), sequence: Number.MAX_SAFE_INTEGER, operation };
    const forward = encodePeerMessages([{ type: 'forward', batch: 1, requests: [request] }]);
    expect(decodePeerFrame(forward, limits).ok).toBe(true);
    const data = encodeEnvelope(2 ** 50, [{ ...request, user: 'u'.repeat(255), authRevision: 2 ** 50 }]);
    const entry = { kind: 'command', index: 13, term: 3, data } as const;
    const message = { ...RAFT_MESSAGES.append, entries: [entry] };
    expect(decodePeerFrame(encodePeerMessages([{ type: 'raft', message }]), limits).ok).toBe(true);
  });
});

describe('the most that a client may ask at once', () => {
  const limits = { frameBytesMax: clientFrameBytesMax(DEFAULT_LIMITS.requestBytesMax) };

  it('fits in a frame: as many small writes as may be in flight', () => {
    const operation = encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n });
    const writes = Array.from({ length: DEFAULT_LIMITS.inFlightPerConnectionMax }, (_, id) => ({
      ...CLIENT_MESSAGES.write,
      id: id + 1,
      operation,
    }));
    expect(decodeClientFrame(encodeClientMessages(writes), limits).ok).toBe(true);
  });

  it('fits in a frame: as many keys as the largest page has records, ten times over', () => {
    const keys = Array.from({ length: 10_000 }, () => Uint8Array.of(1));
    const read = { ...CLIENT_MESSAGES.read, query: { type: 'get', keys } } as const;
    const reads = Array.from({ length: 10 }, () => read);
    expect(reads.length * keys.length).toBeLessThan(CLIENT_FRAME_ELEMENTS_MAX);
    expect(decodeClientFrame(encodeClientMessages(reads), limits).ok).toBe(true);
  });

  it('is answered in a frame that the client takes: a page of the largest values', () => {
    const record = { key, createRevision: 2, modRevision: 3, version: 1, lease: 0n };
    const records = Array.from({ length: 2 }, () => ({ ...record, value: new Uint8Array(8 * MIB) }));
    const frame = encodeServerMessages([
      {
        type: 'answer',
        id: 1,
        term: 1,
        revision: 3,
        level: 'linearizable',
        ageMs: 0,
        result: { type: 'scan', records, count: 2, more: true },
      },
    ]);
    expect(decodeServerFrame(frame, { frameBytesMax: SERVER_FRAME_BYTES_MAX }).ok).toBe(true);
  });
});

describe('protocol versions', () => {
  it.each([
    [{ min: 1, max: 1 }, { min: 1, max: 1 }, 1],
    [{ min: 1, max: 3 }, { min: 2, max: 5 }, 3],
    [{ min: 2, max: 5 }, { min: 1, max: 3 }, 3],
    [{ min: 1, max: 1 }, { min: 2, max: 2 }, null],
    [{ min: 3, max: 4 }, { min: 1, max: 2 }, null],
    [{ min: 1, max: 4 }, { min: 3, max: 2 }, null],
  ])('%j and %j agree on %s', (own, other, agreed) => {
    expect(negotiate(own, other)).toBe(agreed);
  });
});

describe('the range of a prefix', () => {
  it.each([
    ['6162', '6163'],
    ['61ff', '62'],
    ['00', '01'],
    ['fe', 'ff'],
    ['ffff', ''],
    ['', ''],
  ])('%s ends before %s', (prefix, end) => {
    const range = prefixRange(Buffer.from(prefix, 'hex'));
    expect(Buffer.from(range.start).toString('hex')).toBe(prefix);
    expect(Buffer.from(range.end ?? [0]).toString('hex')).toBe(end);
  });
});
