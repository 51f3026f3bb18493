import { expect, test } from 'vitest';

import { Outbox } from '../../../src/transport/outbox.ts';
import { append, question } from './messages.ts';

const LIMITS = { frameBytesTarget: 1_000, bufferedBytesSoft: 4_000, bufferedBytesHard: 8_000 };
test('what fits in one frame leaves in one frame, in order', () => {
  const outbox = new Outbox(LIMITS);
  const messages = [question(1), append(100), question(2)];
  for (const message of messages) expect(outbox.push(message, 0)).toBe('queued');
  expect(outbox.take()).toEqual([messages]);
  expect(outbox.take()).toEqual([]);
  expect(outbox.bytes).toBe(0);
});

test('a frame ends before it grows over the target, and a larger message has its own', () => {
  const outbox = new Outbox(LIMITS);
  const messages = [question(1), append(700), append(700), append(3_000), question(2), question(3)];
  for (const message of messages) outbox.push(message, 0);
  const frames = outbox.take();
  expect(frames.flat()).toEqual(messages);
  expect(frames.map((frame) => frame.length)).toEqual([2, 1, 1, 2]);
});

test.each([
  // waiting in the socket | entries | heartbeat | anything else
  { inSocket: 4_000, bulk: 'queued', heartbeat: 'queued', other: 'queued' },
  { inSocket: 4_001, bulk: 'dropped', heartbeat: 'queued', other: 'queued' },
  { inSocket: 8_000, bulk: 'dropped', heartbeat: 'queued', other: 'queued' },
  { inSocket: 8_001, bulk: 'dropped', heartbeat: 'dropped', other: 'overflow' },
])('with $inSocket bytes waiting: entries $bulk, heartbeats $heartbeat, other $other', (row) => {
  expect(new Outbox(LIMITS).push(append(1), row.inSocket)).toBe(row.bulk);
  expect(new Outbox(LIMITS).push(append(null), row.inSocket)).toBe(row.heartbeat);
  expect(new Outbox(LIMITS).push(question(1), row.inSocket)).toBe(row.other);
});

test('what waits in the outbox counts as well', () => {
  const outbox = new Outbox(LIMITS);
  outbox.push(append(5_000), 0);
  expect(outbox.push(append(1), 0)).toBe('dropped');
  expect(outbox.push(question(1), 4_000)).toBe('overflow');
});
