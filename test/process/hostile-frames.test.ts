import { expect, test } from 'vitest';

import { CLIENT_SUBPROTOCOL, PEER_SUBPROTOCOL } from '../../src/wire/versions.ts';
import { caughtUp, stateOf } from '../support/agreement.ts';
import { startCluster } from '../support/cluster.ts';
import { ATTACKS } from '../support/hostile.ts';
import { report } from '../support/report.ts';

test('nonsense on either port costs the connection that sent it and nothing else', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const db = await cluster.connect();
  const leader = await cluster.leader();
  const before = await caughtUp(cluster);
  const pids = cluster.nodes.map((node) => node.pid);

  // An honest client works all the while, on the node under attack and through the others.
  const attacked = new AbortController();
  const written: number[] = [];
  const honest = async (): Promise<void> => {
    while (!attacked.signal.aborted) written.push((await db.put('honest', 'x')).revision);
  };
  const work = honest();

  const endings: string[] = [];
  const failures: string[] = [];
  const ports = [
    { port: 'client', address: leader.client, subprotocol: CLIENT_SUBPROTOCOL },
    { port: 'peer', address: leader.peer, subprotocol: PEER_SUBPROTOCOL },
  ];
  await Promise.all(
    ports.flatMap(({ port, address, subprotocol }) =>
      ATTACKS.map(async (attack) => {
        try {
          endings.push(`${port}, ${attack.name}: ${await attack.run(address, subprotocol)}`);
        } catch (error) {
          failures.push(`${port}, ${attack.name}: ${String(error)}`);
        }
      }),
    ),
  );
  attacked.abort();
  await work;

  for (const ending of endings.toSorted()) report(ending);
  report(`${written.length} honest writes meanwhile`);
  expect(failures).toEqual([]);
  expect(written.length).toBeGreaterThan(0);
  expect(cluster.nodes.map((node) => node.pid)).toEqual(pids);
  const after = await caughtUp(cluster);
  expect(after.map((status) => status.term)).toEqual(before.map((status) => status.term));
  expect(new Set(after.map(stateOf)).size).toBe(1);
});
