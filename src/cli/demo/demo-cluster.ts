/** The nodes of a demo together. */
import { askCluster } from '../cluster-status.ts';
import type { ClusterReport } from '../cluster-status.ts';
import { QuorateError } from '../../server/terms.ts';
import { NodeProcess } from './node-process.ts';
import type { Death } from './node-process.ts';
import type { NodePlan } from './ports.ts';

const STATUS_TIMEOUT_MS = 1_000;
/** Longer than a node takes to hand over and close; then it is killed. */
const STOP_TIMEOUT_MS = 10_000;

export class DemoCluster {
  readonly nodes: readonly NodeProcess[];
  readonly #env: NodeJS.ProcessEnv;

  constructor(
    plans: readonly NodePlan[],
    folder: string,
    env: NodeJS.ProcessEnv,
    died: (node: NodeProcess, death: Death) => void,
  ) {
    const peers = plans.map(({ id, peerPort }) => `${id}=127.0.0.1:${peerPort}`).join(',');
    const args = ['--cluster', 'demo', '--peers', peers];
    this.nodes = plans.map((plan) => new NodeProcess(plan, folder, args, died));
    this.#env = nodeEnvironment(env);
  }

  get endpoints(): readonly string[] {
    return this.nodes.map(({ client }) => client);
  }

  get url(): string {
    return `quorate://${this.endpoints.join(',')}`;
  }

  /** Until all serve; the first that cannot is the reason for all. */
  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start(this.#env)));
  }

  async restart(node: NodeProcess): Promise<void> {
    await node.start(this.#env);
  }

  /** By id; throws for a name that is none. */
  node(id: string): NodeProcess {
    const found = this.nodes.find((node) => node.id === id);
    if (found !== undefined) return found;
    throw new QuorateError('INVALID_ARGUMENT', `there is no node "${id}"`, {
      details: { hint: `the nodes are ${this.nodes.map((node) => node.id).join(', ')}` },
    });
  }

  async leader(): Promise<NodeProcess> {
    const { leader } = await this.report();
    if (leader !== null) return this.node(leader);
    throw new QuorateError('NO_QUORUM', 'there is no leader at the moment', {
      details: { hint: 'status shows who is up; restart brings a node back' },
    });
  }

  async report(): Promise<ClusterReport> {
    const report = await askCluster(this.url, STATUS_TIMEOUT_MS);
    const nodes = report.nodes.map((each) => ({
      ...each,
      id: this.nodes.find((node) => node.client === each.client)?.id ?? each.id,
    }));
    return { ...report, nodes: nodes.toSorted((a, b) => (a.client < b.client ? -1 : 1)) };
  }

  /** Gracefully, all at once. Returns those that had to be killed. */
  async stop(): Promise<readonly string[]> {
    const late: string[] = [];
    await Promise.all(
      this.nodes.map(async (node) => {
        const timer = setTimeout(() => {
          late.push(node.id);
          node.killNow();
        }, STOP_TIMEOUT_MS);
        await node.stop();
        clearTimeout(timer);
      }),
    );
    return late;
  }

  killNow(): void {
    for (const node of this.nodes) node.killNow();
  }
}

/** Variables for all nodes reach them (limits, timing, log level); those that would make them one node do not. */
function nodeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { QUORATE_CONFIG: _config, QUORATE_ADVERTISE: _advertise, ...rest } = env;
  return rest;
}
