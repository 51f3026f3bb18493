/** Where the nodes of a demo listen, and whether they can. */
import { createServer } from 'node:net';
import { QuorateError } from '../../server/terms.ts';

export interface NodePlan {
  readonly id: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

export type PortTest = (port: number) => Promise<boolean>;

const HOST = '127.0.0.1';
const STRIDE = 10;
const PORT_MAX = 65_535;

/** Node i takes `port` + 10 i for clients and one more for peers. */
export function planNodes(count: number, port: number): readonly NodePlan[] {
  const highest = port + STRIDE * (count - 1) + 1;
  if (highest > PORT_MAX) {
    throw new QuorateError(
      'INVALID_ARGUMENT',
      `${count} nodes from port ${port} would need port ${highest}`,
      {
        details: { hint: `--port may be at most ${PORT_MAX - STRIDE * (count - 1) - 1}` },
      },
    );
  }
  return Array.from({ length: count }, (_, index) => ({
    id: `n${index + 1}`,
    clientPort: port + STRIDE * index,
    peerPort: port + STRIDE * index + 1,
  }));
}

/** Tries every port before anything starts: half a cluster is no demo. */
export async function assertPortsFree(
  plans: readonly NodePlan[],
  isFree: PortTest = portIsFree,
): Promise<void> {
  for (const { id, clientPort, peerPort } of plans) {
    for (const [port, purpose] of [
      [clientPort, 'clients'],
      [peerPort, 'peers'],
    ] as const) {
      if (await isFree(port)) continue;
      throw await taken(port, `${purpose} of ${id}`, plans, isFree);
    }
  }
}

async function taken(
  port: number,
  purpose: string,
  plans: readonly NodePlan[],
  isFree: PortTest,
): Promise<QuorateError> {
  const other = await freeBase(plans, isFree);
  const hint =
    other === null
      ? 'end the other process, or choose a --port'
      : `quorate demo --port ${other} has all its ports free`;
  return new QuorateError('ADDRESS_IN_USE', `port ${port} (for ${purpose}) is taken by another process`, {
    details: { hint },
  });
}

/** The next port in hundreds from which all are free; null when none is near. */
async function freeBase(plans: readonly NodePlan[], isFree: PortTest): Promise<number | null> {
  const base = plans[0]?.clientPort ?? 0;
  for (let candidate = base + 100; candidate <= base + 10_000; candidate += 100) {
    if (candidate + STRIDE * plans.length > PORT_MAX) return null;
    if (await allFree(planNodes(plans.length, candidate), isFree)) return candidate;
  }
  return null;
}

async function allFree(plans: readonly NodePlan[], isFree: PortTest): Promise<boolean> {
  for (const { clientPort, peerPort } of plans) {
    if (!(await isFree(clientPort)) || !(await isFree(peerPort))) return false;
  }
  return true;
}

/** Somebody on every address has the port as well. */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
