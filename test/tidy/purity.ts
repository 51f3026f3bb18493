import path from 'node:path';

import type { SourceFile } from './repository.ts';
import { importsOf, lineOf, namesUsed, parse, walk } from './syntax.ts';

/**
 * Where time is an argument (DESIGN 1 and 2): the same inputs in the same order give the same outputs, on every
 * machine and in the simulator. A folder means all of its files; a file means itself and whatever it imports.
 */
export const PURE: readonly string[] = [
  'src/raft/',
  'src/kv/',
  'src/wire/',
  'src/client/engine/',
  'src/server/node-loop.ts',
];

/** Names that bring in a clock, a scheduler, chance or the machine. */
const IMPURE_GLOBALS = new Set(
  (
    'Date performance setTimeout setInterval setImmediate queueMicrotask clearTimeout clearInterval ' +
    'Promise process console crypto globalThis global require WeakRef FinalizationRegistry'
  ).split(' '),
);
const IMPURE_MEMBERS = new Set(['Math.random', 'Atomics.wait', 'Intl.DateTimeFormat']);

/** The files of `all` that `PURE` covers. */
export function pureFiles(all: readonly SourceFile[], pure = PURE): readonly SourceFile[] {
  const covered = new Set<SourceFile>();
  const cover = (name: string): void => {
    const file = all.find((each) => each.path === name);
    if (file === undefined || covered.has(file)) return;
    covered.add(file);
    for (const { specifier, typeOnly } of importsOf(file)) {
      if (!typeOnly && specifier.startsWith('.')) cover(path.posix.join(path.posix.dirname(name), specifier));
    }
  };
  for (const name of pure) {
    if (!name.endsWith('/')) cover(name);
    else for (const file of all) if (file.path.startsWith(name)) cover(file.path);
  }
  return [...covered];
}

export function impurities(file: SourceFile): readonly string[] {
  const complaints: string[] = [];
  for (const { name, member, line } of namesUsed(file)) {
    const full = member === null ? name : `${name}.${member}`;
    if (IMPURE_GLOBALS.has(name)) complaints.push(`${file.path}:${line}: a pure file may not use ${name}`);
    else if (IMPURE_MEMBERS.has(full))
      complaints.push(`${file.path}:${line}: a pure file may not use ${full}`);
  }
  walk(parse(file), (node) => {
    const waits = node['async'] === true || node.type === 'AwaitExpression' || node['await'] === true;
    if (waits) complaints.push(`${file.path}:${lineOf(file, node)}: a pure file does not wait`);
  });
  return complaints;
}

/** What the SDK's shared files may not name: it runs in browsers and in Node, so it uses neither's own globals. */
const NODE_AND_DOM = new Set(
  (
    'process Buffer require global __dirname __filename setImmediate clearImmediate ' +
    'window document self navigator location localStorage sessionStorage XMLHttpRequest WebSocket Worker'
  ).split(' '),
);
const PLATFORM_FILES = new Set(['src/client/index.ts', 'src/client/index.browser.ts']);

export function platformUses(file: SourceFile): readonly string[] {
  if (PLATFORM_FILES.has(file.path)) return [];
  return namesUsed(file)
    .filter(({ name }) => NODE_AND_DOM.has(name))
    .map(({ name, line }) => `${file.path}:${line}: only the two index files may use ${name}`);
}
