import type { Status } from '../../support/cluster.ts';

const TIMEOUT_MS = 1_000;

/** What `/v1/status` says. @param client HOST:PORT */
export async function statusOf(client: string): Promise<Status> {
  const response = await fetch(`http://${client}/v1/status`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${client}: /v1/status answers ${response.status}`);
  const status: unknown = await response.json();
  if (!isStatus(status)) throw new Error(`${client}: /v1/status is not a status`);
  return status;
}

function isStatus(value: unknown): value is Status {
  return (
    typeof value === 'object' && value !== null && 'role' in value && 'term' in value && 'digest' in value
  );
}
