/** Where a demo keeps its data: a folder of the user's, kept; or a temporary one, removed at the end. */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { QuorateError } from '../../server/terms.ts';

export interface DemoFolder {
  readonly path: string;
  readonly temporary: boolean;
}

/** Tells a demo's folder from any other, and how many nodes its cluster was founded with. */
const MARKER = 'demo.json';
const markerSchema = v.object({ nodes: v.pipe(v.number(), v.integer(), v.minValue(1)) });

/** How many nodes a folder was made for; null for one that is new. */
export async function foundedNodes(folder: string): Promise<number | null> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw unusable(folder, cause.code === 'ENOTDIR' ? 'it is a file' : cause.message, cause);
  });
  if (names.length === 0) return null;
  if (!names.includes(MARKER)) throw unusable(folder, 'it is not empty, and no demo made it');
  const text = await readFile(path.join(folder, MARKER), 'utf8');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), markerSchema), text);
  if (!parsed.success) throw unusable(folder, `its ${MARKER} is damaged`);
  return parsed.output.nodes;
}

export async function openFolder(kept: string | undefined, nodes: number): Promise<DemoFolder> {
  const folder =
    kept === undefined ? await mkdtemp(path.join(tmpdir(), 'quorate-demo-')) : path.resolve(kept);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path.join(folder, MARKER), `${JSON.stringify({ nodes })}\n`);
  } catch (cause) {
    throw unusable(folder, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return { path: folder, temporary: kept === undefined };
}

export async function closeFolder(folder: DemoFolder): Promise<void> {
  if (folder.temporary)
    await rm(folder.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** On the way out in a hurry: what the dying nodes still hold open may stay. */
export function removeNow(folder: DemoFolder): void {
  if (!folder.temporary) return;
  try {
    rmSync(folder.path, { recursive: true, force: true });
  } catch {
    // It is a temporary folder; the system clears it.
  }
}

function unusable(folder: string, why: string, cause?: unknown): QuorateError {
  return new QuorateError('DATA_DIR_UNUSABLE', `${folder} cannot hold a demo: ${why}`, {
    cause,
    details: { hint: 'give an empty folder, a new one, or one of an earlier demo' },
  });
}
