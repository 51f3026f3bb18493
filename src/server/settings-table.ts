/**
 * Every setting of a node: its kind with range and unit, its default, and why that number. The one place: flags,
 * variables, configuration keys, help and `config print` are all made from this table.
 *
 *   key            flag                variable                 configuration file
 *   heartbeatMs    --heartbeat-ms 50   QUORATE_HEARTBEAT_MS=50  "heartbeatMs": 50
 */
import { DEFAULT_CLIENT_PORT, DEFAULT_HISTORY, DEFAULT_LIMITS } from '../wire/defaults.ts';
import * as kinds from './settings-kinds.ts';
import type { Kind, Parsed } from './settings-kinds.ts';
import type { HostPort, LogLevel, PeerAddress } from './settings.ts';

export interface Setting<T> {
  readonly key: string;
  readonly kind: Kind<T>;
  readonly group: 'node' | 'listening' | 'timing' | 'limits' | 'history';
  /** What it is and why the default is what it is; a sentence or two for help. */
  readonly about: string;
  readonly fallback: Fallback<T>;
}

export type Fallback<T> =
  | { readonly type: 'value'; readonly value: T }
  /** Follows from other settings, in words. */
  | { readonly type: 'derived'; readonly from: string }
  | { readonly type: 'required' };

const MIB = 1_024 * 1_024;
const DAY_MS = 24 * 60 * 60 * 1_000;

export const ID: Setting<string> = {
  key: 'id',
  kind: kinds.name,
  group: 'node',
  about: 'Name of this node in the cluster. Never reuse the id of a node whose data is lost.',
  fallback: { type: 'required' },
};

export const DATA: Setting<string> = {
  key: 'data',
  kind: kinds.folder,
  group: 'node',
  about: 'Folder for the log and the state; made if absent. Relative to the working directory.',
  fallback: { type: 'required' },
};

export const CLUSTER: Setting<string> = {
  key: 'cluster',
  kind: kinds.name,
  group: 'node',
  about: 'Name of the cluster. Nodes of different names refuse each other.',
  fallback: { type: 'required' },
};

export const PEERS: Setting<readonly PeerAddress[]> = {
  key: 'peers',
  kind: kinds.peers,
  group: 'node',
  about: 'All members with their peer addresses, this node included, the same on every node.',
  fallback: { type: 'required' },
};

export const CLIENT: Setting<HostPort> = {
  key: 'client',
  kind: kinds.address,
  group: 'listening',
  about: 'Where clients and HTTP are served. Loopback only, unless insecure.',
  fallback: { type: 'value', value: { host: '127.0.0.1', port: DEFAULT_CLIENT_PORT } },
};

export const PEER: Setting<HostPort> = {
  key: 'peer',
  kind: kinds.address,
  group: 'listening',
  about: 'Where the other nodes connect. Set it where the address in peers is not one of this machine.',
  fallback: { type: 'derived', from: 'this node’s address in peers' },
};

export const ADVERTISE: Setting<HostPort> = {
  key: 'advertise',
  kind: kinds.address,
  group: 'listening',
  about: 'What clients are told to dial.',
  fallback: { type: 'derived', from: 'client, or the host in peers when client is every address' },
};

export const INSECURE: Setting<boolean> = {
  key: 'insecure',
  kind: kinds.toggle,
  group: 'listening',
  about:
    'Allow other addresses than loopback although nothing is encrypted and nobody is authenticated: ' +
    'whoever reaches the ports can read and write everything.',
  fallback: { type: 'value', value: false },
};

export const ALLOWED_ORIGINS: Setting<readonly string[]> = {
  key: 'allowedOrigins',
  kind: kinds.listOf(kinds.origin, 'ORIGIN,…'),
  group: 'listening',
  about:
    'Origins whose pages may connect. None by default: any page in a browser could reach a loopback port.',
  fallback: { type: 'value', value: [] },
};

export const ALLOWED_HOSTS: Setting<readonly string[]> = {
  key: 'allowedHosts',
  kind: kinds.listOf(kinds.hostName, 'HOST,…'),
  group: 'listening',
  about: 'Names besides addresses and localhost that a Host header may carry (against DNS rebinding).',
  fallback: { type: 'value', value: [] },
};

export const HEARTBEAT_MS: Setting<number> = {
  key: 'heartbeatMs',
  kind: kinds.integer('ms', 10, 5_000),
  group: 'timing',
  about:
    'How often a leader is heard at least. Far above a round trip in one data centre, far below the timeout.',
  fallback: { type: 'value', value: 50 },
};

export const ELECTION_TIMEOUT_MIN_MS: Setting<number> = {
  key: 'electionTimeoutMinMs',
  kind: kinds.integer('ms', 50, 60_000),
  group: 'timing',
  about:
    'A silent leader is doubted after this at the earliest. Six heartbeats: one slow fsync costs no election.',
  fallback: { type: 'value', value: 300 },
};

export const ELECTION_TIMEOUT_MAX_MS: Setting<number> = {
  key: 'electionTimeoutMaxMs',
  kind: kinds.integer('ms', 100, 120_000),
  group: 'timing',
  about: 'And at the latest. Twice the minimum: nodes draw at random, so that rarely two campaign together.',
  fallback: { type: 'value', value: 600 },
};

export const KEY_BYTES_MAX = limit(
  'keyBytesMax',
  kinds.integer('bytes', 16, 4_096),
  'Longest key. Keys stay in memory.',
);

export const VALUE_BYTES_MAX = limit(
  'valueBytesMax',
  kinds.integer('bytes', 1, 8 * MIB),
  'Longest value. A large value holds up the log for everybody.',
);

export const REQUEST_BYTES_MAX = limit(
  'requestBytesMax',
  kinds.integer('bytes', 1_024, 16 * MIB),
  'Largest request: a key and a value of the largest size, with room for what surrounds them.',
);

export const PAGE_RECORDS_MAX = limit(
  'pageRecordsMax',
  kinds.integer('count', 1, 10_000),
  'Records in a page of a scan: a page is served in one turn, and nobody may wait long for it.',
);

export const PAGE_BYTES_MAX = limit(
  'pageBytesMax',
  kinds.integer('bytes', 1_024, 16 * MIB),
  'Bytes in a page of a scan; a page always holds at least one record.',
);

export const CONNECTIONS_MAX = limit(
  'connectionsMax',
  kinds.integer('count', 1, 100_000),
  'Clients at once on this node; mind the limit of open files.',
);

export const IN_FLIGHT_PER_CONNECTION_MAX = limit(
  'inFlightPerConnectionMax',
  kinds.integer('count', 1, 65_536),
  'Requests in flight on one connection; one client cannot take the whole node.',
);

export const HISTORY_KEPT_MS: Setting<number> = {
  key: 'historyKeptMs',
  kind: kinds.integer('ms', 10_000, 30 * DAY_MS),
  group: 'history',
  about:
    'How long the past can be read. An hour outlasts any incident that is looked into while it happens. ' +
    'The leader’s value counts.',
  fallback: { type: 'value', value: DEFAULT_HISTORY.keptMs },
};

export const HISTORY_KEPT_REVISIONS: Setting<number> = {
  key: 'historyKeptRevisions',
  kind: kinds.integer('count', 1, 1_000_000_000),
  group: 'history',
  about:
    'And for how many revisions at most, whichever is less: each holds its value in memory. ' +
    'The leader’s value counts.',
  fallback: { type: 'value', value: DEFAULT_HISTORY.keptRevisions },
};

export const LOG_LEVEL: Setting<LogLevel> = {
  key: 'logLevel',
  kind: kinds.choice<LogLevel>('LEVEL', 'silent', 'error', 'warn', 'info', 'debug', 'trace'),
  group: 'node',
  about: 'How much is logged, as JSON lines on standard error: silent, error, warn, info, debug or trace.',
  fallback: { type: 'value', value: 'info' },
};

function limit(key: keyof typeof DEFAULT_LIMITS, kind: Kind<number>, about: string): Setting<number> {
  return { key, kind, group: 'limits', about, fallback: { type: 'value', value: DEFAULT_LIMITS[key] } };
}

/** A setting whatever its type: enough to name, check and show it. */
export interface SettingRow extends Pick<Setting<unknown>, 'key' | 'group' | 'about'> {
  readonly metavar: string;
  readonly fallback: Fallback<string>;
  /** The value as it would be written on a command line. */
  check(raw: unknown): Parsed<string>;
}

export const SETTINGS: readonly SettingRow[] = [
  row(ID),
  row(DATA),
  row(CLUSTER),
  row(PEERS),
  row(LOG_LEVEL),
  row(CLIENT),
  row(PEER),
  row(ADVERTISE),
  row(INSECURE),
  row(ALLOWED_ORIGINS),
  row(ALLOWED_HOSTS),
  row(HEARTBEAT_MS),
  row(ELECTION_TIMEOUT_MIN_MS),
  row(ELECTION_TIMEOUT_MAX_MS),
  row(KEY_BYTES_MAX),
  row(VALUE_BYTES_MAX),
  row(REQUEST_BYTES_MAX),
  row(PAGE_RECORDS_MAX),
  row(PAGE_BYTES_MAX),
  row(CONNECTIONS_MAX),
  row(IN_FLIGHT_PER_CONNECTION_MAX),
  row(HISTORY_KEPT_MS),
  row(HISTORY_KEPT_REVISIONS),
];

function row<T>({ key, group, about, kind, fallback }: Setting<T>): SettingRow {
  return {
    key,
    group,
    about,
    metavar: kind.metavar,
    fallback: fallback.type === 'value' ? { type: 'value', value: kind.show(fallback.value) } : fallback,
    check: (raw) => {
      const parsed = kind.parse(raw);
      return parsed.ok ? { ok: true, value: kind.show(parsed.value) } : parsed;
    },
  };
}

/** `heartbeatMs` → `--heartbeat-ms` */
export function flagOf(key: string): string {
  return `--${words(key).join('-')}`;
}

/** `heartbeatMs` → `QUORATE_HEARTBEAT_MS` */
export function variableOf(key: string): string {
  return `QUORATE_${words(key).join('_').toUpperCase()}`;
}

function words(key: string): readonly string[] {
  return key.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}
