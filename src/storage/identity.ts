/**
 * Who this directory is: a small sealed file outside LevelDB, JSON behind the seal so that an operator can read it. Its
 * version is the format of the whole data directory, and is checked before anything is written. It is written twice in
 * a lifetime: when the directory is made, and when the node learns its genesis.
 */
import type { Genesis, GenesisVoter } from '../wire/peer-protocol.ts';
import { corrupt, unsupported } from './refusals.ts';
import { SEAL_BYTES, seal, sealState } from './sealed.ts';

export const IDENTITY_FILE = 'quorate.identity';
export const DIRECTORY_VERSION = 1;
const INCARNATION_BYTES = 16;

export interface Identity {
  readonly nodeId: string;
  /** 32 hex digits, drawn when the directory was made; tells a wiped or foreign disk from this one. */
  readonly incarnation: string;
  /** null until the cluster has been founded. */
  readonly genesis: Genesis | null;
}

export function drawIncarnation(randomBytes: (count: number) => Uint8Array): string {
  return Buffer.from(randomBytes(INCARNATION_BYTES)).toString('hex');
}

export function encodeIdentity({ nodeId, incarnation, genesis }: Identity): Uint8Array {
  const body = Buffer.from(JSON.stringify({ nodeId, incarnation, genesis }), 'utf8');
  const record = Buffer.concat([new Uint8Array(SEAL_BYTES), body]);
  seal(record, DIRECTORY_VERSION);
  return record;
}

/** Throws CORRUPT or FORMAT_UNSUPPORTED. */
export function decodeIdentity(record: Uint8Array, path: string): Identity {
  const state = sealState(record, DIRECTORY_VERSION);
  if (state.kind === 'unsupported') throw unsupported(path, state.version, DIRECTORY_VERSION);
  const identity = state.kind === 'sound' ? parseIdentity(record.subarray(SEAL_BYTES)) : null;
  if (identity === null) throw corrupt(`the identity file of ${path} fails its checks`);
  return identity;
}

function parseIdentity(body: Uint8Array): Identity | null {
  const parsed = parseObject(Buffer.from(body).toString('utf8'));
  if (parsed === null) return null;
  const { nodeId, incarnation, genesis } = parsed;
  if (typeof nodeId !== 'string' || !isHexId(incarnation)) return null;
  if (genesis === null) return { nodeId, incarnation, genesis };
  const known = parseGenesis(genesis);
  return known === null ? null : { nodeId, incarnation, genesis: known };
}

function parseGenesis(value: unknown): Genesis | null {
  if (!isObject(value)) return null;
  const { clusterId, clusterName, voters } = value;
  if (!isHexId(clusterId) || typeof clusterName !== 'string' || !Array.isArray(voters)) return null;
  const known: unknown[] = voters;
  return known.every(isVoter) ? { clusterId, clusterName, voters: known } : null;
}

function isVoter(value: unknown): value is GenesisVoter {
  return isObject(value) && typeof value['id'] === 'string' && isHexId(value['incarnation']);
}

function isHexId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/u.test(value);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
