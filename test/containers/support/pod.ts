/** The host of a node: a container whose only use is the network namespace in which the node's lives begin and end. */
import { GenericContainer } from 'testcontainers';

import { CLIENT_PORT } from './node-command.ts';
import { engine, HARDLY_EVER_CHECKED, LABEL, nodeImage } from './engine.ts';
import { Started } from './started.ts';

export interface Pod {
  /** For `container:` network mode. */
  readonly containerId: string;
  /** On the network of the cluster; stays. */
  readonly address: string;
  /** Of its interface there: what a filter knows it by, since no translation of addresses changes it. */
  readonly mac: string;
  /** Outside: whose network namespace `nsenter` enters. */
  readonly pid: number;
}

const HOLD = 'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 2 ** 30)';

/** `name` is what other nodes dial, so one of its kind on this engine. */
export async function startPod(name: string, network: string, hostPort: number): Promise<Pod> {
  // No network alias: with one, testcontainers joins the default bridge as well, past the packet filter.
  const started = await new GenericContainer(nodeImage())
    .withName(name)
    .withNetworkMode(network)
    .withExposedPorts({ container: CLIENT_PORT, host: hostPort })
    .withEntrypoint(['node', '-e', HOLD])
    .withLabels({ [LABEL]: network })
    .withHealthCheck(HARDLY_EVER_CHECKED)
    .withWaitStrategy(new Started())
    .start();
  const client = await engine();
  const { State, NetworkSettings } = await client.container.inspect(
    client.container.getById(started.getId()),
  );
  const place = NetworkSettings.Networks[network];
  if (place === undefined) throw new Error(`${name} is not on ${network}`);
  const { IPAddress: address, MacAddress: mac } = place;
  return { containerId: started.getId(), address, mac, pid: State.Pid };
}
