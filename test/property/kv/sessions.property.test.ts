import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createStateMachine, type Operation, type SessionLimits } from '../../../src/kv/index.ts';
import type { Request } from '../../../src/kv/state-machine.ts';
import { anyOperation } from './arbitraries.ts';
import { SessionModel } from './session-model.ts';

const LIMITS: SessionLimits = {
  sessionsMax: 3,
  unacknowledgedMax: 4,
  sessionBytesMax: 1_100,
  allBytesMax: 2_000,
};

/** Of the sessions opened so far, by number; every so often none. */
const which = fc.nat({ max: 7 });
const sequence = fc.nat({ max: 8 });

type Step =
  | {
      readonly type: 'write';
      readonly which: number;
      readonly sequence: number;
      readonly through: number;
      readonly operation: Operation;
    }
  | { readonly type: 'open'; readonly ttlMs: number }
  | { readonly type: 'renew' | 'close'; readonly which: number }
  | { readonly type: 'expire'; readonly term: number }
  | { readonly type: 'resolve'; readonly which: number; readonly sequence: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('write'),
      which,
      sequence,
      through: fc.nat({ max: 5 }),
      operation: anyOperation,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('open'), ttlMs: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('renew', 'renew', 'close'), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('expire'), term: fc.constantFrom(1, 1, 2) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('resolve'), which, sequence }) },
);
const anyEntry = fc.record({ passedMs: fc.nat({ max: 20 }), steps: fc.array(anyStep, { maxLength: 6 }) });

function requestOf(step: Step, opened: readonly bigint[]): Request {
  const outside = { session: 0n, sequence: 0, acknowledgedThrough: 0, user: '', authRevision: 0 };
  const id = 'which' in step ? (opened.at(-1 - step.which) ?? 3n) : 0n;
  switch (step.type) {
    case 'write': {
      const { sequence: number, through, operation } = step;
      return { ...outside, session: id, sequence: number, acknowledgedThrough: through, operation };
    }
    case 'open':
      return { ...outside, operation: { type: 'sessionOpen', ttlMs: step.ttlMs } };
    case 'renew':
      return { ...outside, operation: { type: 'sessionRenew', ids: [id, 1n] } };
    case 'close':
      return { ...outside, operation: { type: 'sessionClose', id } };
    case 'expire':
      return { ...outside, operation: { type: 'sessionExpire', ids: [...opened], term: step.term } };
    case 'resolve':
      return { ...outside, operation: { type: 'resolve', session: id, sequence: step.sequence } };
  }
}

test('any history of sessions gives the replies and the digest that searching lists gives', () => {
  fc.assert(
    // What comes and goes between two looks at the digest is never hashed.
    fc.property(
      fc.array(anyEntry, { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      (entries, lookEvery) => {
        const machine = createStateMachine(LIMITS);
        const model = new SessionModel(LIMITS);
        const opened: bigint[] = [];
        let timeMs = 0;
        for (const [i, { passedMs, steps }] of entries.entries()) {
          timeMs += passedMs;
          const requests = steps.map((step) => requestOf(step, opened));
          const replies = machine.apply(i + 1, timeMs, requests, 1);
          expect(replies).toEqual(model.apply(timeMs, requests, 1));
          for (const reply of replies) if (reply.type === 'sessionOpen') opened.push(reply.session);
          expect(machine.sessionCount).toBe(model.sessions.length);
          if (i % lookEvery === 0) expect(machine.digest()).toBe(model.digest());
          const due = model.sessions.filter(({ deadlineMs }) => deadlineMs <= timeMs).map(({ id }) => id);
          expect(new Set(machine.sessionsDue(timeMs, 99))).toEqual(new Set(due));
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** What one client does, sequence by sequence; then all that a network may make of it. */
test('requests that come many times over, late and in any order leave what each of them done once leaves', () => {
  const writes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(writes, fc.array(fc.nat(), { maxLength: 60 }), (amounts, again) => {
      const machine = createStateMachine();
      const [session] = machine.apply(1, 0, [requestOf({ type: 'open', ttlMs: 100 }, [])]);
      if (session?.type !== 'sessionOpen') throw new Error('no session');
      const requests = amounts.map((amount, place): Request => {
        const key = Uint8Array.of(0x6e);
        const operation = { type: 'increment', key, by: BigInt(amount) } as const;
        const head = { session: session.session, sequence: place + 1, acknowledgedThrough: 0 };
        return { ...head, user: '', authRevision: 0, operation };
      });
      const arrived = [...again.map((place) => requests[place % requests.length]), ...requests];
      const sound = arrived.filter((request) => request !== undefined);
      const replies = machine.apply(2, 0, sound);
      const answers = new Map(sound.map(({ sequence: number }, place) => [number, replies[place]]));
      for (const [place, { sequence: number }] of sound.entries()) {
        expect(replies[place]).toEqual(answers.get(number));
      }
      expect(machine.revision).toBe(1 + amounts.length);
      const sum = amounts.reduce((total, amount) => total + amount, 0);
      const values = replies.map((reply) => (reply.type === 'increment' ? reply.value : 0n));
      expect(values.toSorted((left, right) => Number(left - right)).at(-1)).toBe(BigInt(sum));
    }),
    { numRuns: 200 },
  );
});
