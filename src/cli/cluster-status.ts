/** Asks every node how it is, over HTTP, so that nodes without a majority answer as well. */
import * as v from 'valibot';
import { QuorateError, formatEndpoint, parseEndpoints } from '../server/terms.ts';

import type { Output, Shown } from './output.ts';
import { paint } from './failure.ts';

/** What this command reads of a node's status; a newer node may say more. */
const statusSchema = v.looseObject({
  id: v.string(),
  phase: v.string(),
  waitingFor: v.string(),
  cluster: v.string(),
  clusterId: v.nullable(v.string()),
  role: v.string(),
  term: v.number(),
  leader: v.nullable(v.string()),
  commitIndex: v.number(),
  appliedIndex: v.number(),
  revision: v.number(),
  keyCount: v.number(),
  members: v.array(v.looseObject({ id: v.string(), client: v.string() })),
});

export type KnownStatus = v.InferOutput<typeof statusSchema>;

export interface NodeReport {
  /** Null while nobody has said who lives there. */
  readonly id: string | null;
  readonly client: string;
  readonly status: KnownStatus | null;
  /** Why there is no status. */
  readonly error: string | null;
}

export interface ClusterReport {
  readonly nodes: readonly NodeReport[];
  readonly leader: string | null;
  readonly term: number;
}

const BODY_BYTES_MAX = 1024 * 1024;

export async function askNode(client: string, timeoutMs: number): Promise<NodeReport> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`http://${client}/v1/status`, { signal, redirect: 'error' });
    const body = await response.text();
    if (!response.ok || body.length > BODY_BYTES_MAX) throw new Error(`it answers HTTP ${response.status}`);
    const parsed = v.safeParse(statusSchema, JSON.parse(body));
    if (!parsed.success) throw new Error('it is no Quorate node of a version that this command knows');
    return { id: parsed.output.id, client, status: parsed.output, error: null };
  } catch (error) {
    return { id: null, client, status: null, error: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  if (error instanceof SyntaxError) return 'it does not speak JSON';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.message;
}

/** Starts from the endpoints and finds the other members by what those say. */
export async function askCluster(endpoints: string, timeoutMs: number): Promise<ClusterReport> {
  const asked = new Map<string, NodeReport>();
  let next: readonly string[] = parseEndpoints(endpoints).map(formatEndpoint);
  const names = new Map<string, string>();
  while (next.length > 0) {
    const reports = await Promise.all([...new Set(next)].map((client) => askNode(client, timeoutMs)));
    for (const report of reports) asked.set(report.client, report);
    for (const member of reports.flatMap((report) => report.status?.members ?? [])) {
      if (member.client !== '') names.set(member.client, member.id);
    }
    next = [...names.keys()].filter((client) => !asked.has(client));
  }
  return reportOf(distinct([...asked.values()]), names);
}

/** A node asked under two addresses is one node. */
function distinct(reports: readonly NodeReport[]): readonly NodeReport[] {
  const seen = new Set<string>();
  return reports.filter(({ id, status }) => {
    const key = `${status?.clusterId} ${id}`;
    if (id !== null && seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function reportOf(reports: readonly NodeReport[], names: ReadonlyMap<string, string>): ClusterReport {
  const nodes = reports
    .map((report) => ({ ...report, id: report.id ?? names.get(report.client) ?? null }))
    .toSorted((a, b) => (a.id ?? a.client).localeCompare(b.id ?? b.client));
  if (nodes.every(({ status }) => status === null)) {
    const tried = nodes.map(({ client, error }) => `${client} ${error}`).join(', ');
    throw new QuorateError('UNAVAILABLE', `no node answers (tried ${tried})`);
  }
  const newest = nodes.reduce((term, { status }) => Math.max(term, status?.term ?? 0), 0);
  const leader = nodes.find(({ status }) => status?.role === 'leader' && status.term === newest)?.id ?? null;
  return { nodes, leader, term: newest };
}

/** What keeps the cluster from being healthy; null when nothing does. */
export function unhealthy({ nodes, leader }: ClusterReport): string | null {
  const down = nodes.filter(({ status }) => status === null).map(({ id, client }) => id ?? client);
  if (leader === null) return 'there is no leader';
  if (down.length > 0) return `not reachable: ${down.join(', ')}`;
  const waiting = nodes.find(({ status }) => status?.phase !== 'serving');
  if (waiting !== undefined)
    return `${waiting.id} is ${waiting.status?.phase}: ${waiting.status?.waitingFor}`;
  const ids = new Set(nodes.map(({ status }) => status?.clusterId));
  return ids.size > 1 ? 'the endpoints belong to different clusters' : null;
}

const COLUMNS = ['NODE', 'STATE', 'TERM', 'COMMIT', 'APPLIED', 'REVISION', 'KEYS', 'CLIENT'];

export async function showStatus(out: Output, report: ClusterReport): Promise<void> {
  await out.many(
    COLUMNS,
    report.nodes.map((node) => nodeForms(node, out.color)),
  );
}

function nodeForms(node: NodeReport, color: boolean): Shown {
  const { id, client, status, error } = node;
  const name = id ?? '?';
  const cells =
    status === null
      ? [name, paint(color, 'red', `down (${error})`), '-', '-', '-', '-', '-', client]
      : [
          name,
          paintedState(status, color),
          ...[status.term, status.commitIndex, status.appliedIndex, status.revision, status.keyCount].map(
            String,
          ),
          client,
        ];
  const plain = status === null ? [name, 'down'] : [name, stateOf(status), status.term, status.revision];
  return {
    json: status === null ? { id, client, reachable: false, error } : { ...status, client, reachable: true },
    raw: [...plain, client].join('\t'),
    cells,
  };
}

function stateOf(status: KnownStatus): string {
  return status.phase === 'serving' ? status.role : status.phase;
}

function paintedState(status: KnownStatus, color: boolean): string {
  const state = stateOf(status);
  if (status.phase !== 'serving') return paint(color, 'yellow', `${state} (${status.waitingFor})`);
  return status.role === 'leader' ? paint(color, 'green', state) : state;
}
