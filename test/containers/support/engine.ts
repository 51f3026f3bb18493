/** What scripts/engine prepared for the run: an engine, and the image of a node. */
import { getContainerRuntimeClient } from 'testcontainers';
import type { ContainerRuntimeClient, GenericContainer } from 'testcontainers';

import { LABEL } from '../../../scripts/engine/remains.mjs';

/** The label that `scripts/engine` cleans up by; its value is the cluster. */
export { LABEL };

type HealthCheck = Parameters<GenericContainer['withHealthCheck']>[0];
export type EngineContainer = ReturnType<ContainerRuntimeClient['container']['getById']>;

/** The image's own would start a process in every container every few seconds, on two cores. */
export const HARDLY_EVER_CHECKED: HealthCheck = { test: ['CMD', 'node', '--version'], interval: 86_400_000 };

export function nodeImage(): string {
  const image = process.env['QUORATE_TEST_IMAGE'];
  if (image === undefined) {
    throw new Error(
      'no image of a node: run container tests by npm run test:containers (scripts/engine/run.mjs)',
    );
  }
  return image;
}

export async function engine(): Promise<ContainerRuntimeClient> {
  return await getContainerRuntimeClient();
}

export async function makeNetwork(name: string): Promise<void> {
  const client = await engine();
  await client.network.create({
    Name: name,
    Driver: 'bridge',
    Labels: { [LABEL]: name },
    Options: {
      // Nodes without TLS must not be reached from outside this machine.
      'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
      // A peer is to be known by its own address, and has nothing to say to anybody else.
      'com.docker.network.bridge.enable_ip_masquerade': 'false',
    },
  });
}

/** Containers before the network that they are in. */
export async function removeAll(name: string): Promise<void> {
  const { dockerode: docker } = (await engine()).container;
  const filters = { label: [`${LABEL}=${name}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
}
