import path from 'node:path';

import type { SourceFile } from './repository.ts';
import { importsOf, type Import } from './syntax.ts';

/** What the files of one room may import; whatever is not listed is forbidden. */
interface Room {
  /** Rooms whose values it may use, and so their types. */
  readonly uses: readonly string[];
  /** Rooms of which it may know the types only. */
  readonly knows: readonly string[];
  readonly packages: readonly string[];
  readonly node: boolean;
  /** Files with a law of their own. */
  readonly files?: Readonly<Record<string, Pick<Room, 'packages' | 'node'>>>;
}

/**
 * DESIGN section 1: imports point one way. This table is the law; a folder of src/ without a row is a complaint.
 *
 *   raft   kv            know nobody
 *      \  /
 *      wire              their types
 *     /  |  \
 *  storage transport client
 *     \  |     |
 *     server   |
 *         \   /
 *          sim
 *           |
 *          cli      (and server, client)
 */
export const LAW: Readonly<Record<string, Room>> = {
  raft: { uses: [], knows: [], packages: [], node: false },
  kv: { uses: [], knows: [], packages: [], node: false },
  wire: { uses: [], knows: ['raft', 'kv'], packages: ['msgpackr'], node: false },
  storage: { uses: ['wire'], knows: ['raft', 'kv'], packages: ['level'], node: true },
  transport: { uses: ['wire'], knows: ['raft', 'kv'], packages: ['ws'], node: true },
  client: {
    uses: ['wire'],
    knows: [],
    packages: [],
    node: false,
    files: { 'index.ts': { packages: ['ws'], node: true } },
  },
  server: {
    uses: ['raft', 'kv', 'storage', 'transport', 'wire'],
    knows: [],
    packages: ['ws', 'pino'],
    node: true,
  },
  sim: {
    uses: ['raft', 'kv', 'storage', 'transport', 'wire', 'server', 'client'],
    knows: [],
    packages: [],
    node: true,
  },
  cli: {
    uses: ['client', 'server', 'sim'],
    knows: [],
    packages: ['commander', 'valibot', 'pino'],
    node: true,
  },
};

/** Complaints about every import of a file below src/ that the law does not allow. */
export function unlawfulImports(file: SourceFile): readonly string[] {
  const [, roomName = '', ...rest] = file.path.split('/');
  const room = LAW[roomName];
  if (room === undefined) return [`${file.path}: no row for the room ${roomName} in the import law`];
  const law = { ...room, ...room.files?.[rest.join('/')] };
  return importsOf(file).flatMap((each) => {
    const complaint = judge(file, roomName, law, each);
    return complaint === null ? [] : [`${file.path}:${each.line}: ${complaint}`];
  });
}

function judge(file: SourceFile, roomName: string, law: Room, each: Import): string | null {
  const { specifier } = each;
  if (specifier.startsWith('node:')) return law.node ? null : `${roomName} may not use Node (${specifier})`;
  if (!specifier.startsWith('.')) {
    const name = packageName(specifier);
    return law.packages.includes(name) ? null : `${roomName} may not use the package ${name}`;
  }
  if (!specifier.endsWith('.ts')) return `write the extension .ts: ${specifier}`;
  const target = path.posix.join(path.posix.dirname(file.path), specifier);
  const [top, targetRoom = ''] = target.split('/');
  if (top !== 'src') return `src may not reach out of itself (${specifier})`;
  if (targetRoom === roomName || law.uses.includes(targetRoom)) return null;
  if (!law.knows.includes(targetRoom)) return `${roomName} may not import from ${targetRoom}`;
  return each.typeOnly ? null : `${roomName} may know only the types of ${targetRoom}: use import type`;
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
