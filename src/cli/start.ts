/** One node in the foreground: from settings to the ready line, and to an orderly end. */
import { Socket } from 'node:net';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { Logger } from 'pino';
import type { RunningNode } from '../server/index.ts';
import type { NodeSettings } from '../server/settings.ts';
import { resolveSettings } from '../server/settings-resolve.ts';
import type { SettingsInput } from '../server/settings-sources.ts';
import { QuorateError, formatEndpoint } from '../server/terms.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { Stopping } from './stopping.ts';

export interface StartOptions {
  /** A pipe from the parent on file descriptor 3: its end is ours. */
  readonly dieWithParent: boolean;
}

export async function start(input: SettingsInput, io: Io, options: StartOptions): Promise<ExitCode> {
  const { settings } = resolveSettings(input);
  if (options.dieWithParent) dieWithParent();
  const log = loggerFor(settings);
  warn(settings, log);
  // From here on a signal is answered, however far the start has come.
  using stopping = new Stopping();
  // Loaded once the settings are in order: a mistake in them is told at once.
  const { startNode } = await import('../server/index.ts');
  const node = await startNode(settings, { log });
  log.info(addressesOf(node), 'listening; it serves once a majority is there');
  const readying = node.ready.then(() => sayReady(node, io));
  // A node that fails before it is ready says so through `failed`.
  readying.catch(() => {});
  const ending = await Promise.race([stopping.asked, node.failed, readying.then(() => node.failed)]);
  if (QuorateError.is(ending)) throw ending;
  log.info({ signal: ending }, 'stopping');
  await Promise.race([node.stop(), node.failed.then((error) => Promise.reject(error))]);
  log.info({}, 'stopped');
  return EXIT.ok;
}

function sayReady(node: RunningNode, io: Io): void {
  const line = { event: 'ready', id: node.id, pid: process.pid, ...addressesOf(node) };
  io.stdout.write(`${JSON.stringify(line)}\n`);
}

function addressesOf({ clientAddress, peerAddress }: RunningNode): {
  readonly client: string;
  readonly peer: string;
} {
  return { client: formatEndpoint(clientAddress), peer: formatEndpoint(peerAddress) };
}

/** Synchronous: the last line before a crash is the one that matters. */
function loggerFor({ id, logLevel }: NodeSettings): Logger {
  const options = {
    level: logLevel,
    base: { node: id },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination({ fd: 2, sync: true }));
}

function warn(settings: NodeSettings, log: Logger): void {
  if (settings.insecure) {
    log.warn(
      {},
      'insecure: nothing is encrypted and nobody is authenticated; keep the ports in a trusted network',
    );
  }
  if (settings.peers.length % 2 === 0) {
    log.warn(
      { members: settings.peers.length },
      'an even number of members survives no more than one member fewer',
    );
  }
}

/** The parent never writes; the pipe ends when it does, however it ends. Nothing to hand over then: it is one machine. */
function dieWithParent(): void {
  const pipe = new Socket({ fd: 3, readable: true, writable: false });
  pipe.on('error', () => process.exit(EXIT.failed));
  pipe.on('close', () => process.exit(EXIT.failed));
  pipe.resume();
  pipe.unref();
}
