/** How the hosts of a cluster come to be, and go again. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { removeWorkFolder, WORK_FOLDER } from '../../../scripts/engine/work-folder.mjs';
import { freePorts } from '../../../scripts/support/free-ports.mjs';
import { buildMachineFaults } from '../../support/faults/machine.ts';
import { able, unable } from '../../support/faults/vocabulary.ts';
import type { Capabilities } from '../../support/faults/vocabulary.ts';
import { containerCapabilities } from './capabilities.ts';
import { makeNetwork, removeAll } from './engine.ts';
import { ContainerHost } from './host.ts';
import { PEER_PORT } from './node-command.ts';
import { startPod } from './pod.ts';

export interface BuiltHosts {
  readonly name: string;
  readonly hosts: readonly ContainerHost[];
  readonly capabilities: Capabilities;
}

/** `name` is the cluster's, on this engine no other's; on failure, `tearDown` removes what there is. */
export async function buildHosts(name: string, count: number, args: readonly string[]): Promise<BuiltHosts> {
  const folder = folderOf(name);
  const machines = path.join(folder, 'machines');
  await mkdir(machines, { recursive: true });
  await makeNetwork(name);
  const faults = buildMachineFaults(machines);
  const library = 'library' in faults ? faults.library : null;
  // Fixed ports: those that Docker draws are others after each start.
  const seats = (await freePorts(count)).map((port, place) => {
    const id = `n${place + 1}`;
    return { id, podName: `${name}-${id}`, port, client: `127.0.0.1:${port}` };
  });
  const peers = seats.map(({ id, podName }) => `${id}=${podName}:${PEER_PORT}`).join(',');
  const hosts = await Promise.all(
    seats.map(async ({ port, ...seat }) => {
      const pod = await startPod(seat.podName, name, port);
      return await ContainerHost.make({ ...seat, pod, cluster: name, peers, args, folder, library });
    }),
  );
  const machine = 'library' in faults ? able : unable(faults.why);
  return { name, hosts, capabilities: containerCapabilities(machine) };
}

export async function tearDown(name: string): Promise<void> {
  await removeAll(name);
  await removeWorkFolder(folderOf(name));
}

function folderOf(name: string): string {
  return path.join(WORK_FOLDER, name);
}
