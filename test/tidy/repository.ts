import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of the repository: `path` relative to its root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export const ROOT = path.resolve(import.meta.dirname, '../..');

const SKIPPED_FOLDERS = new Set(['.git', 'node_modules', 'dist', 'tmp']);
const TEXT_EXTENSIONS = new Set(
  '.ts .mjs .js .json .md .yml .yaml .toml .sh .html .css .conf .cfg'.split(' '),
);
const TEXT_NAMES = /^(?:Dockerfile.*|\.npmrc|\.gitignore|run)$/u;

/** Every text file below `folder`, in path order. */
export function textFiles(folder = ''): readonly SourceFile[] {
  return paths(folder)
    .filter((name) => TEXT_EXTENSIONS.has(path.extname(name)) || TEXT_NAMES.test(path.basename(name)))
    .map((name) => ({ path: name, text: readFileSync(path.join(ROOT, name), 'utf8') }));
}

/** Every TypeScript and JavaScript file below `folder`. */
export function codeFiles(folder = ''): readonly SourceFile[] {
  return textFiles(folder).filter((file) => /\.(?:ts|mjs|js)$/u.test(file.path));
}

/** Every path below `folder`, folders excluded. */
export function paths(folder = ''): readonly string[] {
  const found: string[] = [];
  for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (entry.isFile()) found.push(name);
    else if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) found.push(...paths(name));
  }
  return found.toSorted();
}

/** Names of the folders directly below `folder`. */
export function foldersIn(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

export function readText(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}
