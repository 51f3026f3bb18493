import { expect, test } from 'vitest';

import { QuorateError } from '../../src/client/index.ts';
import { caughtUp, stateOf } from '../support/agreement.ts';
import { startCluster } from '../support/cluster.ts';
import { report } from '../support/report.ts';
import { WireClient } from '../support/wire-client.ts';
import { get, put, valueIn } from '../support/wire-requests.ts';

const REQUESTS = 50;

test('a leader that wakes after its replacement reads nothing old and acknowledges no lost write', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const old = await cluster.leader();
  const others = await cluster.followers();
  const [other] = others;
  if (other === undefined) throw new Error('three nodes have two followers');
  const before = await WireClient.open(other);
  const sleeper = await WireClient.open(old);
  await before.write(put('k', 'old'));
  expect(valueIn(await sleeper.read(get('k')))).toBe('old');

  // The requests wait in the sleeping node's socket and are the first thing it sees when it wakes.
  old.pause();
  const reads = range(REQUESTS).map(() => sleeper.read(get('k'), 10_000));
  const writes = range(REQUESTS).map((each) => sleeper.write(put(`late/${each}`, 'x'), 10_000));
  const settled = Promise.all([Promise.allSettled(reads), Promise.allSettled(writes)]);

  const leader = await cluster.leader();
  expect(leader).not.toBe(old);
  const { term } = await leader.status();
  const direct = await WireClient.open(leader);
  await direct.write(put('k', 'new'));
  old.resume();

  const [readAnswers, writeAnswers] = await settled;
  const answered = readAnswers.filter((each) => each.status === 'fulfilled').map((each) => each.value);
  for (const answer of answered) expect(valueIn(answer)).toBe('new');
  const acknowledged: string[] = [];
  const refused: string[] = [];
  writeAnswers.forEach((each, index) => {
    if (each.status === 'fulfilled') {
      // Whatever it acknowledges, the successor decided.
      expect(each.value.term).toBeGreaterThanOrEqual(term);
      acknowledged.push(`late/${index}`);
    } else if (QuorateError.is(each.reason) && each.reason.outcome === 'not-applied') {
      refused.push(`late/${index}`);
    }
  });
  report(
    `of ${REQUESTS} reads ${answered.length} answered, all new; of ${REQUESTS} writes ${acknowledged.length} ` +
      `acknowledged by term ${term} or later, ${refused.length} refused, the rest unknown`,
  );
  for (const key of acknowledged) expect(valueIn(await direct.read(get(key)))).toBe('x');
  for (const key of refused) expect(valueIn(await direct.read(get(key)))).toBeNull();

  // It is a follower like any other now.
  const awake = await WireClient.open(old);
  expect(valueIn(await awake.read(get('k')))).toBe('new');
  const states = (await caughtUp(cluster)).map(stateOf);
  expect(new Set(states).size, states.join('\n')).toBe(1);
});

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
