import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readSettingsFile, resolveSettings } from '../../../src/server/settings-resolve.ts';
import type { NodeSettings } from '../../../src/server/settings.ts';

const CLUSTER = new URL('../../../cluster/', import.meta.url);

async function settingsIn(folder: string): Promise<readonly NodeSettings[]> {
  const names = (await readdir(new URL(folder, CLUSTER))).toSorted();
  const files = await Promise.all(
    names.map((name) => readSettingsFile(new URL(folder + name, CLUSTER).pathname)),
  );
  return files.map((file) => resolveSettings({ file }).settings);
}

test.each([
  ['three-node/', 3],
  ['five-node/', 5],
])(
  'the files in cluster/%s make one cluster on loopback, no two nodes in each other’s way',
  async (folder, count) => {
    const nodes = await settingsIn(folder);
    expect(nodes).toHaveLength(count);
    const [first] = nodes;
    for (const node of nodes) {
      expect(node.peers).toEqual(first?.peers);
      expect(node.clusterName).toBe(first?.clusterName);
      expect(node.insecure).toBe(false);
      expect(node.peers.find(({ id }) => id === node.id)?.address).toEqual(node.peerListen);
    }
    const places = nodes.flatMap(({ clientListen, peerListen, dataDir }) => [
      clientListen.port,
      peerListen.port,
      dataDir,
    ]);
    expect(new Set(places).size).toBe(3 * count);
  },
);

test('the file for containers is complete but for the id, and clients are told an address they can dial', async () => {
  const file = await readSettingsFile(new URL('containers/node.json', CLUSTER).pathname);
  const { settings } = resolveSettings({ file, env: { QUORATE_ID: 'n2' } });
  expect(settings).toMatchObject({ id: 'n2', insecure: true, clientAdvertise: { host: 'n2', port: 7400 } });
});
