import { expect, test } from 'vitest';

import { startCluster } from './support/cluster.ts';

test('three nodes in containers of their own serve one store to clients outside', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const db = await cluster.connect();
  const { revision } = await db.put('greeting', 'hello');
  for (const node of cluster.nodes) {
    const direct = await cluster.connect({ only: [node], discover: false });
    const entry = await direct.get('greeting');
    expect(entry?.text()).toBe('hello');
    expect(entry?.modRevision).toBe(revision);
  }
  const { links } = await cluster.proof();
  for (const { passedBytes, stoppedBytes } of links.filter(({ to }) => to !== 'clients')) {
    expect(passedBytes).toBeGreaterThan(0);
    expect(stoppedBytes).toBe(0);
  }
});
