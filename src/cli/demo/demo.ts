/** `quorate demo`: a cluster that lives as long as this process. */
import { DEFAULT_CLIENT_PORT, QuorateError } from '../../server/terms.ts';
import type { DemoFlags } from '../demo-command.ts';
import { EXIT } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { hasColor, paint } from '../failure.ts';
import type { Io } from '../io.ts';
import { Stopping } from '../stopping.ts';
import { DemoCluster } from './demo-cluster.ts';
import { closeFolder, foundedNodes, openFolder, removeNow } from './folder.ts';
import type { DemoFolder } from './folder.ts';
import type { Death, NodeProcess } from './node-process.ts';
import { assertPortsFree, planNodes } from './ports.ts';
import { Shell } from './shell.ts';

const NODES = 3;

export async function demo(flags: DemoFlags, io: Io): Promise<ExitCode> {
  const nodes = await nodeCount(flags);
  const plans = planNodes(nodes, flags.port ?? DEFAULT_CLIENT_PORT);
  await assertPortsFree(plans);
  const folder = await openFolder(flags.data, nodes);
  let say = (line: string): void => void io.stderr.write(`${line}\n`);
  let started = false;
  const cluster = new DemoCluster(plans, folder.path, process.env, (node, death) => {
    // Before that, the reason is told once, by whoever waits for the start.
    if (started) say(obituary(node, death));
  });
  using stopping = new Stopping(() => {
    cluster.killNow();
    removeNow(folder);
  });
  try {
    say(`Starting ${nodes} ${nodes === 1 ? 'node' : 'nodes'} …`);
    if ((await Promise.race([cluster.start(), stopping.asked])) !== undefined) return EXIT.ok;
    started = true;
    if (!flags.shell) return await runUntilAsked(cluster, folder, io, stopping);
    io.stderr.write(banner(cluster, folder, hasColor(io.stderr, io.env)));
    const shell = new Shell(io);
    say = (line) => shell.say(line);
    return await runShell(shell, { cluster, folder, io, stopping, format: flags.output });
  } finally {
    say = (line) => void io.stderr.write(`${line}\n`);
    await stop(cluster, folder, say);
  }
}

/** As asked, or as the folder was founded; another number would be another cluster. */
async function nodeCount({ data, nodes }: DemoFlags): Promise<number> {
  const founded = data === undefined ? null : await foundedNodes(data);
  if (founded === null) return nodes ?? NODES;
  if (nodes === undefined || nodes === founded) return founded;
  throw new QuorateError('CONFIG_INVALID', `${data} holds a cluster of ${founded} nodes, not of ${nodes}`, {
    details: { hint: `leave --nodes out, or give another --data` },
  });
}

interface Scene {
  readonly cluster: DemoCluster;
  readonly folder: DemoFolder;
  readonly io: Io;
  readonly stopping: Stopping;
  readonly format: DemoFlags['output'];
}

async function runShell(shell: Shell, { cluster, folder, io, stopping, format }: Scene): Promise<ExitCode> {
  const { connect } = await import('../../client/index.ts');
  const db = await connect(cluster.url);
  try {
    const running = shell.run({ cluster, db, format }, () => process.kill(process.pid, 'SIGINT'));
    const end = await Promise.race([running, stopping.asked]);
    if (typeof end === 'string') {
      shell.close();
      return EXIT.ok;
    }
    // Started in the background, with nothing to read: be of use, rather than gone.
    if (end.commands === 0 && io.stdin.isTTY !== true) {
      io.stderr.write('no commands on standard input: running until SIGTERM\n');
      return await runUntilAsked(cluster, folder, io, stopping);
    }
    return end.code;
  } finally {
    await db.close();
  }
}

async function runUntilAsked(
  cluster: DemoCluster,
  folder: DemoFolder,
  io: Io,
  stopping: Stopping,
): Promise<ExitCode> {
  const { endpoints, nodes } = cluster;
  const line = {
    event: 'ready',
    endpoints,
    dashboard: dashboardOf(cluster),
    data: folder.path,
    temporary: folder.temporary,
    nodes: nodes.map(({ id, pid, client, peer }) => ({ id, pid, client, peer })),
  };
  io.stdout.write(`${JSON.stringify(line)}\n`);
  await stopping.asked;
  return EXIT.ok;
}

function dashboardOf({ endpoints }: DemoCluster): string {
  return `http://${endpoints[0]}/v1/status`;
}

function banner(cluster: DemoCluster, folder: DemoFolder, color: boolean): string {
  const bold = (text: string): string => paint(color, 'bold', text);
  const dim = (text: string): string => paint(color, 'dim', text);
  const kept = folder.temporary ? 'temporary: it is removed at the end; --data DIR keeps it' : 'kept';
  return [
    '',
    `${bold(`A cluster of ${cluster.nodes.length} is running.`)} help lists the commands; exit or Ctrl-D stops it.`,
    '',
    ...cluster.nodes.map(({ id, client, pid }) => `  ${bold(id)}  ${client}  ${dim(`pid ${pid}`)}`),
    '',
    `  status     ${dashboardOf(cluster)}`,
    `  data, logs ${folder.path} ${dim(`(${kept})`)}`,
    '',
    `  Try: ${dim('put greeting hello · get greeting · status · kill leader · get greeting')}`,
    '',
    '',
  ].join('\n');
}

function obituary(node: NodeProcess, { code, signal }: Death): string {
  const how = signal ?? `exit code ${code}`;
  return `${node.id} has died (${how}); its log is ${node.logFile}; restart ${node.id} brings it back`;
}

async function stop(cluster: DemoCluster, folder: DemoFolder, say: (line: string) => void): Promise<void> {
  if (cluster.nodes.some(({ alive }) => alive)) say('Stopping the nodes …');
  const late = await cluster.stop();
  if (late.length > 0) say(`${late.join(', ')} did not stop in time and had to be killed`);
  await closeFolder(folder);
  say(folder.temporary ? 'Stopped; the data is removed.' : `Stopped; the data is kept in ${folder.path}.`);
}
