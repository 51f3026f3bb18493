/**
 * A node's data directory: made once, locked while open, recognised ever after. What lies in it stands in folder.ts;
 * here is the order in which it is made and opened.
 *
 *   make   folder ─ log/ (takes the lock) ─ watermark ─ identity     each durable before the next
 *   open   identity: format, node ─ log/ (takes the lock) ─ identity again, now that nobody else can change it
 */
import path from 'node:path';
import type { Membership } from '../raft/membership.ts';
import { QuorateError } from '../wire/errors.ts';
import type { Genesis } from '../wire/peer-protocol.ts';
import { chainStart } from './chain.ts';
import { NodeFileEngine, syncFolder } from './file-engine.ts';
import {
  assertNothingPromised,
  assertWritable,
  closeToOthers,
  folderError,
  inspectFolder,
  LOG_FOLDER,
  makeFolder,
} from './folder.ts';
import { decodeIdentity, drawIncarnation, encodeIdentity, IDENTITY_FILE, type Identity } from './identity.ts';
import type { LogStore } from './interfaces.ts';
import { type LevelEngine, openLevelEngine } from './level-engine.ts';
import { openLog } from './log-opening.ts';
import { corrupt, wrongNode } from './refusals.ts';
import type { Schedule } from './watermark.ts';
import { freshSlots, WATERMARK_FILE } from './watermark-slots.ts';

export interface DataDirectoryOptions {
  readonly path: string;
  readonly nodeId: string;
  /** Unpredictable: two directories must never share an incarnation. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Calls `fn` once, about `delayMs` from now. */
  readonly schedule: Schedule;
}

/** Rejects with DATA_DIR_UNUSABLE, DATA_LOCKED, WRONG_NODE, FORMAT_UNSUPPORTED, CORRUPT or IO_FAILED. */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DataDirectory> {
  const folder = path.resolve(options.path);
  try {
    return await openFolder({ ...options, path: folder });
  } catch (error) {
    throw folderError(folder, error);
  }
}

async function openFolder(options: DataDirectoryOptions): Promise<DataDirectory> {
  const { path: folder, nodeId } = options;
  const files = new NodeFileEngine(folder);
  const kind = await inspectFolder(folder);
  if (kind === 'ours') await readIdentity(files, folder, nodeId);
  else await assertNothingPromised(folder, files);

  await makeFolder(folder);
  const warnings = await closeToOthers(folder);
  const engine = await openEngine(files, folder, kind !== 'ours');
  try {
    const found = await readIdentity(files, folder, nodeId);
    const identity = found ?? (await makeIdentity(files, options));
    return new DataDirectory({ identity, files, engine, schedule: options.schedule, warnings });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function readIdentity(files: NodeFileEngine, folder: string, nodeId: string): Promise<Identity | null> {
  const record = await files.read(IDENTITY_FILE);
  if (record === null) return null;
  const identity = decodeIdentity(record, folder);
  if (identity.nodeId !== nodeId) throw wrongNode(folder, identity.nodeId, nodeId);
  return identity;
}

async function openEngine(files: NodeFileEngine, folder: string, make: boolean): Promise<LevelEngine> {
  const location = path.join(folder, LOG_FOLDER);
  // LevelDB would leave an empty folder behind, even while refusing.
  if (!make && (await files.read(`${LOG_FOLDER}/CURRENT`)) === null) {
    throw corrupt(`the log of ${folder} is missing or has lost its file CURRENT`);
  }
  if (make) await makeFolder(location);
  const engine = await openLevelEngine(location, { createIfMissing: make }).catch(async (error: unknown) => {
    if (!QuorateError.is(error) || error.code !== 'IO_FAILED') throw error;
    // If the disk takes new files, the fault lies in the old ones.
    await assertWritable(location);
    throw corrupt(error.message, error);
  });
  // LevelDB does not sync its folder after it has put CURRENT in place.
  await syncFolder(location);
  return engine;
}

async function makeIdentity(files: NodeFileEngine, options: DataDirectoryOptions): Promise<Identity> {
  const incarnation = drawIncarnation(options.randomBytes);
  const identity: Identity = { nodeId: options.nodeId, incarnation, genesis: null };
  await files.replace(WATERMARK_FILE, freshSlots(chainStart(incarnation)));
  await files.replace(IDENTITY_FILE, encodeIdentity(identity));
  return identity;
}

interface Parts {
  readonly identity: Identity;
  readonly files: NodeFileEngine;
  readonly engine: LevelEngine;
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
    await this.#parts.files.replace(IDENTITY_FILE, encodeIdentity(identity));
    this.#identity = identity;
  }

  /** Once. Rejects with CORRUPT, RECOVERING or FORMAT_UNSUPPORTED when the log is not what was acknowledged. */
  async openLog(genesisMembership: Membership): Promise<LogStore> {
    if (this.#log !== null) throw new Error('the log is open already');
    const { engine, files, schedule } = this.#parts;
    this.#log = await openLog({
      engine,
      files,
      incarnation: this.#identity.incarnation,
      genesisMembership,
      schedule,
      warn: (message) => this.#warnings.push(message),
    });
    return this.#log;
  }

  /** Closes the log, records where it ends, and gives the lock back. */
  async close(): Promise<void> {
    try {
      await this.#log?.close();
    } finally {
      this.#parts.files.close();
      await this.#parts.engine.close();
    }
  }
}

/** The fields in one order, so that two of them can be compared as text. */
function genesisOf({ clusterId, clusterName, voters }: Genesis): Genesis {
  return { clusterId, clusterName, voters: voters.map(({ id, incarnation }) => ({ id, incarnation })) };
}
