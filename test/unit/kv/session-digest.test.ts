import { expect, test } from 'vitest';

import { SessionDigest } from '../../../src/kv/session-digest.ts';
import type { ReplyFields, SessionFields } from '../../../src/kv/session-digest.ts';

const REPLIES = 5_000;

test('a digest that is looked at once, after thousands of replies, is the one that is looked at after each', () => {
  const often = new SessionDigest();
  const seldom = new SessionDigest();
  for (const digest of [often, seldom]) {
    const session = { id: 7n, ttlMs: 60_000, deadlineMs: 60_000, acknowledgedThrough: 0 };
    const kept: ReplyFields[] = [];
    digest.changed(session);
    for (let sequence = 1; sequence <= REPLIES; sequence += 1) {
      const reply: ReplyFields = { session: 7n, sequence, reply: null, bytes: 300 };
      kept.push(reply);
      digest.kept(reply);
      if (sequence % 3 === 0) {
        const old = kept.shift();
        if (old !== undefined) digest.forgotten(old);
        session.acknowledgedThrough += 1;
        digest.changed(session);
      }
      if (digest === often) digest.value.print();
    }
  }
  expect(seldom.value.print()).toBe(often.value.print());
});

test('what came and went leaves nothing, whether it was looked at or not', () => {
  const empty = new SessionDigest().value.print();
  const digest = new SessionDigest();
  const session: SessionFields = { id: 7n, ttlMs: 1_000, deadlineMs: 1_000, acknowledgedThrough: 0 };
  const [seen, unseen] = [1, 2].map(
    (sequence): ReplyFields => ({ session: 7n, sequence, reply: null, bytes: 300 }),
  );
  if (seen === undefined || unseen === undefined) throw new Error('two replies');
  digest.changed(session);
  digest.kept(seen);
  expect(digest.value.print()).not.toBe(empty);
  digest.kept(unseen);
  digest.forgotten(unseen);
  digest.forgotten(seen);
  digest.closed(session);
  expect(digest.value.print()).toBe(empty);
});

test('a reply waits for its hash until somebody asks, unless the replies that wait are large', () => {
  let hashed = 0;
  const replyOf = (sequence: number, bytes: number): ReplyFields => ({
    session: 7n,
    sequence,
    bytes,
    get reply() {
      hashed += 1;
      return null;
    },
  });
  const digest = new SessionDigest();
  digest.kept(replyOf(1, 300));
  expect(hashed).toBe(0);
  digest.kept(replyOf(2, 2 << 20));
  expect(hashed).toBe(2);
  digest.kept(replyOf(3, 300));
  expect(hashed).toBe(2);
  digest.value.print();
  expect(hashed).toBe(3);
});
