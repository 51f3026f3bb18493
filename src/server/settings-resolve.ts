/** From what was said to what a node can start with: every value in range, and all of them fitting together. */
import { readFile } from 'node:fs/promises';
import { formatEndpoint } from '../wire/endpoints.ts';
import { QuorateError } from '../wire/errors.ts';
import type { HostPort, NodeLimits, NodeSettings, PeerAddress } from './settings.ts';
import { GivenSettings } from './settings-sources.ts';
import type { EffectiveSetting, SettingsFile, SettingsInput, Source } from './settings-sources.ts';
import * as table from './settings-table.ts';

export interface ResolvedSettings {
  readonly settings: NodeSettings;
  /** By key: who said so. */
  readonly sources: Readonly<Record<string, Source>>;
}

/** Room around key and value in a request. */
const REQUEST_OVERHEAD_BYTES = 512;

/** Throws CONFIG_INVALID with the key, its value and what is allowed. */
export function resolveSettings(input: SettingsInput): ResolvedSettings {
  const given = new GivenSettings(input);
  const id = given.require(table.ID);
  const dataDir = given.require(table.DATA);
  const clusterName = given.require(table.CLUSTER);
  const peers = given.require(table.PEERS);
  const own = ownAddress(id, peers);
  const clientListen = given.require(table.CLIENT);
  const settings: NodeSettings = {
    id,
    dataDir,
    clusterName,
    peers,
    clientListen,
    peerListen: given.take(table.PEER) ?? own,
    clientAdvertise: given.take(table.ADVERTISE) ?? reachable(clientListen, own),
    insecure: given.require(table.INSECURE),
    heartbeatMs: given.require(table.HEARTBEAT_MS),
    electionTimeoutMinMs: given.require(table.ELECTION_TIMEOUT_MIN_MS),
    electionTimeoutMaxMs: given.require(table.ELECTION_TIMEOUT_MAX_MS),
    limits: limitsOf(given),
    history: {
      keptMs: given.require(table.HISTORY_KEPT_MS),
      keptRevisions: given.require(table.HISTORY_KEPT_REVISIONS),
    },
    allowedOrigins: given.require(table.ALLOWED_ORIGINS),
    allowedHosts: given.require(table.ALLOWED_HOSTS),
    logLevel: given.require(table.LOG_LEVEL),
  };
  checkTogether(settings);
  return {
    settings,
    sources: Object.fromEntries(table.SETTINGS.map(({ key }) => [key, given.sourceOf(key)])),
  };
}

/** Every setting as it stands, also where something required is missing; for `config print`. */
export function explainSettings(input: SettingsInput): readonly EffectiveSetting[] {
  const given = new GivenSettings(input);
  return table.SETTINGS.map((row) => given.effective(row));
}

export async function readSettingsFile(path: string): Promise<SettingsFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new QuorateError('CONFIG_INVALID', `the configuration file cannot be read: ${why}`, { cause });
  });
  try {
    return { path, content: JSON.parse(text) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new QuorateError('CONFIG_INVALID', `${path} is not JSON: ${why}`, {
      cause,
      details: { hint: 'a comment is a key that begins with two slashes: "//": "why"' },
    });
  }
}

function ownAddress(id: string, peers: readonly PeerAddress[]): HostPort {
  const own = peers.find((peer) => peer.id === id);
  if (own !== undefined) return own.address;
  const ids = peers.map((peer) => peer.id).join(', ');
  throw invalid(`peers does not name this node: id is "${id}", peers has ${ids}`, {
    hint: `add ${id}=HOST:7401 to peers, the same list on every node`,
  });
}

/** Nobody can dial "every address". */
function reachable(listen: HostPort, own: HostPort): HostPort {
  return listen.host === '0.0.0.0' || listen.host === '::' ? { host: own.host, port: listen.port } : listen;
}

function limitsOf(given: GivenSettings): NodeLimits {
  return {
    keyBytesMax: given.require(table.KEY_BYTES_MAX),
    valueBytesMax: given.require(table.VALUE_BYTES_MAX),
    requestBytesMax: given.require(table.REQUEST_BYTES_MAX),
    pageRecordsMax: given.require(table.PAGE_RECORDS_MAX),
    pageBytesMax: given.require(table.PAGE_BYTES_MAX),
    connectionsMax: given.require(table.CONNECTIONS_MAX),
    inFlightPerConnectionMax: given.require(table.IN_FLIGHT_PER_CONNECTION_MAX),
  };
}

function checkTogether(settings: NodeSettings): void {
  const { clientListen, peerListen, insecure, limits } = settings;
  const { heartbeatMs, electionTimeoutMinMs: minMs, electionTimeoutMaxMs: maxMs } = settings;
  if (!insecure) {
    refuseOpenAddress('client', clientListen);
    refuseOpenAddress('peer', peerListen);
  }
  if (formatEndpoint(clientListen) === formatEndpoint(peerListen)) {
    throw invalid(`client and peer are both ${formatEndpoint(clientListen)}; each needs a port of its own`);
  }
  // One lost heartbeat must not cost an election.
  if (minMs < 3 * heartbeatMs) {
    throw invalid(
      `electionTimeoutMinMs is ${minMs} with heartbeatMs ${heartbeatMs}; allowed: 3 heartbeats (${3 * heartbeatMs}) or more`,
    );
  }
  // Nodes draw from this span; without one they campaign together for ever.
  if (maxMs < minMs + heartbeatMs) {
    throw invalid(
      `electionTimeoutMaxMs is ${maxMs} with electionTimeoutMinMs ${minMs}; allowed: a heartbeat above it (${minMs + heartbeatMs}) or more`,
    );
  }
  const least = limits.keyBytesMax + limits.valueBytesMax + REQUEST_OVERHEAD_BYTES;
  if (limits.requestBytesMax < least) {
    throw invalid(
      `requestBytesMax is ${limits.requestBytesMax}; allowed: ${least} or more, so that the largest key and value fit`,
    );
  }
}

function refuseOpenAddress(key: string, address: HostPort): void {
  if (isLoopback(address.host)) return;
  throw invalid(`${key} is ${formatEndpoint(address)}, which others than this machine can reach`, {
    hint: 'nothing is encrypted or authenticated yet: listen on 127.0.0.1, or say --insecure in a network you trust',
  });
}

/** A name other than localhost may point anywhere. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function invalid(message: string, details: { readonly hint?: string } = {}): QuorateError {
  return new QuorateError('CONFIG_INVALID', message, { details });
}
