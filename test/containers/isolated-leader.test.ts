import { expect, test } from 'vitest';

import { QuorateError } from '../../src/client/index.ts';
import { waitFor } from '../../scripts/support/wait-for.mjs';
import { milliseconds, report } from '../support/report.ts';
import { startCluster } from './support/cluster.ts';

const DEADLINE_MS = 2_000;
/** Between the deadline and the moment at which a busy machine lets the caller know. */
const SLACK_MS = 300;

test('a leader cut off is replaced, refuses within its deadline, and comes back without a word', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const old = await cluster.leader();
  const others = cluster.nodes.filter((node) => node !== old);
  const alone = await cluster.connect({ only: [old], discover: false, timeoutMs: DEADLINE_MS });
  const db = await cluster.connect({ only: others, discover: false });
  await db.put('before', 'one');

  await cluster.isolate(old);
  const since = performance.now();
  // What the others had already sent to the old leader may come true or not; what they are asked from now on does.
  await waitFor('another leader', async () => ((await cluster.leader()) === old ? undefined : true));
  await db.put('during', 'two');
  report(`the others went on after ${milliseconds(performance.now() - since)}`);
  await expectRefusal(() => alone.put('lost', 'never'));
  await expectRefusal(() => alone.get('before'));

  const leader = await cluster.leader();
  expect(leader).not.toBe(old);
  const { term } = await cluster.status(leader);
  await cluster.heal();
  await waitFor(`${old.id} has caught up`, async () => {
    const [mine, theirs] = [await cluster.status(old), await cluster.status(leader)];
    return mine.revision === theirs.revision && mine.digest === theirs.digest ? true : undefined;
  });
  expect((await alone.get('during'))?.text()).toBe('two');
  expect(await cluster.leader()).toBe(leader);
  expect((await cluster.status(leader)).term).toBe(term);

  const { links } = await cluster.proof();
  const stopped = links.filter(({ stoppedBytes }) => stoppedBytes > 0);
  // Its heartbeats to each, and at least one call for votes to it.
  expect(stopped.filter(({ from }) => from === old.id)).toHaveLength(others.length);
  expect(stopped.some(({ to }) => to === old.id)).toBe(true);
  expect(stopped.every(({ from, to }) => from === old.id || to === old.id)).toBe(true);
});

async function expectRefusal(call: () => Promise<unknown>): Promise<void> {
  const since = performance.now();
  const error: unknown = await call().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const elapsedMs = performance.now() - since;
  if (!QuorateError.is(error)) throw new Error('a minority decided', { cause: error });
  report(`the one cut off: ${error.code} (${error.outcome}) after ${milliseconds(elapsedMs)}`);
  expect(elapsedMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
}
