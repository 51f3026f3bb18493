/**
 * A node's data directory: made once, locked while open, recognised ever after. What lies in it stands in folder.ts;
 * here is the order in which it is made and opened.
 *
 *   make   folder ─ log/ (takes the lock) ─ watermark ─ identity     each durable before the next
 *   open   identity: format, node ─ log/ (takes the lock) ─ identity again, now that nobody else can change it
 */
import type { Membership } from '../raft/membership.ts';
import { QuorateError } from '../wire/errors.ts';
import type { Genesis } from '../wire/peer-protocol.ts';
import { chainStart } from './chain.ts';
import { assertNothingPromised, diskError, folderError, inspectFolder } from './folder.ts';
import { decodeIdentity, drawIncarnation, encodeIdentity, IDENTITY_FILE, type Identity } from './identity.ts';
import type { Disk, KeyValueEngine, LogStore, Place } from './interfaces.ts';
import { LOCAL_DISK } from './local-disk.ts';
import { openLog } from './log-opening.ts';
import { wrongNode } from './refusals.ts';
import type { Schedule } from './watermark.ts';
import { freshSlots, WATERMARK_FILE } from './watermark-slots.ts';

export interface DataDirectoryOptions {
  readonly path: string;
  readonly nodeId: string;
  /** Unpredictable: two directories must never share an incarnation. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Calls `fn` once, about `delayMs` from now. */
  readonly schedule: Schedule;
  /** @default LOCAL_DISK */
  readonly disk?: Disk;
}

/** Rejects with DATA_DIR_UNUSABLE, DATA_LOCKED, WRONG_NODE, FORMAT_UNSUPPORTED, CORRUPT or IO_FAILED. */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DataDirectory> {
  const place = (options.disk ?? LOCAL_DISK).at(options.path);
  try {
    return await openPlace(place, options);
  } catch (error) {
    throw folderError(place.path, error);
  }
}

async function openPlace(place: Place, options: DataDirectoryOptions): Promise<DataDirectory> {
  const kind = await inspectFolder(place);
  if (kind === 'ours') await readIdentity(place, options.nodeId);
  else await assertNothingPromised(place);

  await place.make();
  const warnings = await place.closeToOthers();
  const engine = await place.openLog({ createIfMissing: kind !== 'ours' });
  try {
    const found = await readIdentity(place, options.nodeId);
    const identity = found ?? (await makeIdentity(place, options));
    return new DataDirectory({ identity, place, engine, schedule: options.schedule, warnings });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function readIdentity(place: Place, nodeId: string): Promise<Identity | null> {
  const record = await place.files.read(IDENTITY_FILE);
  if (record === null) return null;
  const identity = decodeIdentity(record, place.path);
  if (identity.nodeId !== nodeId) throw wrongNode(place.path, identity.nodeId, nodeId);
  return identity;
}

async function makeIdentity({ files }: Place, options: DataDirectoryOptions): Promise<Identity> {
  const incarnation = drawIncarnation(options.randomBytes);
  const identity: Identity = { nodeId: options.nodeId, incarnation, genesis: null };
  await files.replace(WATERMARK_FILE, freshSlots(chainStart(incarnation)));
  await files.replace(IDENTITY_FILE, encodeIdentity(identity));
  return identity;
}

interface Parts {
  readonly identity: Identity;
  readonly place: Place;
  readonly engine: KeyValueEngine;
  readonly schedule: Schedule;
  readonly warnings: readonly string[];
}

export class DataDirectory {
  readonly #parts: Parts;
  readonly #warnings: string[];
  #identity: Identity;
  #log: LogStore | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#identity = parts.identity;
    this.#warnings = [...parts.warnings];
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** What an operator should read, once the directory and its log are open. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Durable when it resolves. A node learns one genesis in its life; the same one again changes nothing. */
  async saveGenesis(genesis: Genesis): Promise<void> {
    const known = this.#identity.genesis;
    if (known !== null) {
      if (JSON.stringify(known) === JSON.stringify(genesisOf(genesis))) return;
      throw new QuorateError('WRONG_CLUSTER', `this node belongs to cluster ${known.clusterId} already`);
    }
    const identity: Identity = { ...this.#identity, genesis: genesisOf(genesis) };
    const { files, path } = this.#parts.place;
    await files.replace(IDENTITY_FILE, encodeIdentity(identity)).catch((error: unknown) => {
      throw diskError(path, error);
    });
    this.#identity = identity;
  }

  /** Once. Rejects with CORRUPT, RECOVERING or FORMAT_UNSUPPORTED when the log is not what was acknowledged, or IO_FAILED. */
  async openLog(genesisMembership: Membership): Promise<LogStore> {
    if (this.#log !== null) throw new Error('the log is open already');
    const { engine, place, schedule } = this.#parts;
    this.#log = await openLog({
      engine,
      files: place.files,
      incarnation: this.#identity.incarnation,
      genesisMembership,
      schedule,
      warn: (message) => this.#warnings.push(message),
    }).catch((error: unknown) => {
      throw diskError(place.path, error);
    });
    return this.#log;
  }

  /** Closes the log, records where it ends, and gives the lock back. */
  async close(): Promise<void> {
    try {
      await this.#log?.close();
    } finally {
      this.#parts.place.close();
      await this.#parts.engine.close();
    }
  }
}

/** The fields in one order, so that two of them can be compared as text. */
function genesisOf({ clusterId, clusterName, voters }: Genesis): Genesis {
  return { clusterId, clusterName, voters: voters.map(({ id, incarnation }) => ({ id, incarnation })) };
}
