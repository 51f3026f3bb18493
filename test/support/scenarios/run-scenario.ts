/** Plays one scenario on a fresh cluster and judges it. */
import { waitFor } from '../../../scripts/support/wait-for.mjs';
import type { Status } from '../cluster.ts';
import type { FaultableCluster } from '../faults/vocabulary.ts';
import { keepEvidence } from './evidence.ts';
import { Lateness } from './lateness.ts';
import { LeaderTrace } from './leader-trace.ts';
import { auditLogs, readStoredLog } from './log-audit.ts';
import type { StoredLog } from './log-audit.ts';
import { isAcknowledgedWrite, Recorder } from './recorder.ts';
import type { Report, Scenario, Skipped, StartCluster } from './scenario.ts';
import { longestGapMs } from './service.ts';
import { Stage } from './stage.ts';
import { judgeHistory } from './verdict.ts';
import { USUAL_LOAD, Workload } from './workload.ts';

/** The clients have met the leader, and there is something to lose. */
const WARM_UP_MS = 600;
const LEVEL_TIMEOUT_MS = 20_000;

export interface RunOptions {
  /** Whether what the nodes and clients said is kept when it fails. @default true */
  readonly evidence?: boolean;
}

export async function runScenario(
  scenario: Scenario,
  start: StartCluster,
  { evidence = true }: RunOptions = {},
): Promise<Report | Skipped> {
  const startedAt = performance.now();
  await using cluster = await start({ nodes: scenario.nodes, args: scenario.args ?? [] });
  const why = unableTo(scenario, cluster);
  if (why !== null) return { type: 'skipped', why };
  const load = { ...USUAL_LOAD, ...scenario.load };
  const recorder = new Recorder();
  const trace = new LeaderTrace(cluster);
  const workload = new Workload(cluster, recorder, load);
  const lateness = new Lateness();
  const stage = new Stage({ cluster, recorder, trace, lateness, timeoutMs: load.timeoutMs });
  const complaints: string[] = [];
  try {
    await stage.pass(WARM_UP_MS);
    const before = await cluster.proof();
    await scenario.play(stage);
    complaints.push(...didNotHappen(stage, before, await cluster.proof()));
  } catch (error) {
    complaints.push(`the play broke off: ${messageOf(error)}`);
  } finally {
    await cluster.heal();
    await workload.stop();
    lateness.stop();
  }
  complaints.push(...stage.complaints, ...(await judgeRest(cluster, recorder, trace)));
  const report = describeRun({ scenario, stage, recorder, trace, lateness, complaints, startedAt });
  if (evidence && report.complaints.length > 0) await keepEvidence(report, cluster, recorder, trace);
  return report;
}

function unableTo({ needs }: Scenario, { capabilities }: FaultableCluster): string | null {
  for (const fault of needs) {
    const capability = capabilities[fault];
    if (!capability.able) return `${fault}: ${capability.why}`;
  }
  return null;
}

function didNotHappen(
  stage: Stage,
  before: Awaited<ReturnType<FaultableCluster['proof']>>,
  after: Awaited<ReturnType<FaultableCluster['proof']>>,
): readonly string[] {
  if (stage.happenings.length === 0) return ['the scenario proves no fault'];
  return stage.happenings
    .filter(({ happened }) => !happened(before, after))
    .map(({ what }) => `the fault did not happen: ${what}`);
}

/** All nodes back and level, then down, then their logs. */
async function judgeRest(
  cluster: FaultableCluster,
  recorder: Recorder,
  trace: LeaderTrace,
): Promise<readonly string[]> {
  const complaints: string[] = [];
  try {
    const down = (await cluster.proof()).nodes.filter(({ state }) => state === 'down').map(({ id }) => id);
    for (const node of cluster.nodes) if (down.includes(node.id)) await cluster.restart(node);
    const statuses = await level(cluster);
    await trace.stop();
    const digests = new Set(statuses.map(({ digest }) => digest));
    if (digests.size > 1) complaints.push(`digests differ: ${statuses.map(stateOf).join('; ')}`);
    const logs: StoredLog[] = [];
    for (const node of cluster.nodes) {
      await cluster.kill9(node);
      logs.push(await readStoredLog(node.id, await cluster.dataDirectory(node)));
    }
    const committed = Math.max(...statuses.map(({ commitIndex }) => commitIndex));
    const audit = auditLogs(logs, committed, cluster.nodes.length);
    complaints.push(...audit.complaints, ...judgeHistory(recorder.history(), audit.log));
  } catch (error) {
    complaints.push(`no verdict: ${messageOf(error)}`);
  } finally {
    await trace.stop();
  }
  return [...complaints, ...trace.complaints];
}

/** It does not wait for equal digests: nodes that differ at an equal index will never be equal again. */
async function level(cluster: FaultableCluster): Promise<readonly Status[]> {
  return await waitFor(
    'all nodes at the same applied index, with a leader',
    async () => {
      const statuses = await Promise.all(cluster.nodes.map((node) => cluster.status(node)));
      const commit = Math.max(...statuses.map(({ commitIndex }) => commitIndex));
      const isLevel = statuses.every(
        ({ appliedIndex, leader }) => appliedIndex === commit && leader !== null,
      );
      return isLevel ? statuses : undefined;
    },
    LEVEL_TIMEOUT_MS,
  );
}

function stateOf({ id, appliedIndex, revision, digest }: Status): string {
  return `${id} at ${appliedIndex}: revision ${revision}, ${digest}`;
}

interface Run {
  readonly scenario: Scenario;
  readonly stage: Stage;
  readonly recorder: Recorder;
  readonly trace: LeaderTrace;
  readonly lateness: Lateness;
  readonly complaints: readonly string[];
  readonly startedAt: number;
}

function describeRun({ scenario, stage, recorder, trace, lateness, complaints, startedAt }: Run): Report {
  const operations = recorder.recorded.length;
  const outcomes = recorder.recorded.map(({ operation }) => operation.outcome.type);
  const count = (type: string): number => outcomes.filter((each) => each === type).length;
  const few = operations < scenario.operationsMin;
  const acknowledged = recorder.recorded
    .filter(isAcknowledgedWrite)
    .map(({ operation }) => operation.returnMs);
  const served = acknowledged.length === 0 ? undefined : Math.min(...acknowledged);
  const endedAt = acknowledged.length === 0 ? 0 : Math.max(...acknowledged);
  const tooFew = few ? [`${operations} operations, and the floor is ${scenario.operationsMin}`] : [];
  return {
    type: 'played',
    scenario,
    operations,
    acknowledged: count('ok'),
    refused: count('failed'),
    unknown: count('unknown'),
    longestGapMs: served === undefined ? 0 : longestGapMs(recorder.recorded, served, endedAt),
    leaderChanges: Math.max(0, trace.termsLedAfter(0) - 1),
    machineLateMs: lateness.worstMs,
    measures: stage.measures,
    complaints: [...complaints, ...tooFew],
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${messageOf(error.cause)})`;
}
