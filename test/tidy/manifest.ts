import { existsSync } from 'node:fs';
import path from 'node:path';

/** The public surface (DESIGN 10): a new entry point is a decision, made here first. */
export const ENTRY_POINTS: readonly string[] = ['.', './server', './testing', './package.json'];

const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/u;

/** A lock pins what is installed here, an exact version what a reader of package.json believes. */
export function loosePins(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((group) =>
    Object.entries(record(manifest[group]))
      .filter(([, version]) => typeof version !== 'string' || !EXACT.test(version))
      .map(([name, version]) => `${group}: ${name} is ${String(version)}, not an exact version`),
  );
}

/**
 * Lock entries that were resolved by a path or address of one machine. Only a build for another platform may come
 * without integrity (scripts/complete-lock.mjs).
 */
export function boundLockEntries(lock: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(record(lock['packages'])).flatMap(([name, entry]) => {
    const { resolved, integrity, link, optional, os } = record(entry);
    if (name === '' || (optional === true && os !== undefined && integrity === undefined)) return [];
    if (resolved !== undefined) return [`${name}: resolved`];
    if (link !== undefined) return [`${name}: a link`];
    return typeof integrity === 'string' && integrity.startsWith('sha512-') ? [] : [`${name}: no integrity`];
  });
}

/** Optional dependencies that a lock entry names and the lock lacks: `npm ci` would refuse it. */
export function missingBuilds(lock: Readonly<Record<string, unknown>>): readonly string[] {
  const packages = record(lock['packages']);
  return Object.values(packages).flatMap((entry) =>
    Object.entries(record(record(entry)['optionalDependencies']))
      .filter(
        ([name, version]) => EXACT.test(String(version)) && packages[`node_modules/${name}`] === undefined,
      )
      .map(([name]) => `${name} is missing: run node scripts/complete-lock.mjs`),
  );
}

/** Links of a Markdown text to files that are not there; `at` is its folder. */
export function deadLinks(text: string, at: string): readonly string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/gu, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/gu)]
    .map((found) => found[1] ?? '')
    .filter((target) => !/^(?:https?:|mailto:|#)/u.test(target))
    .filter((target) => !existsSync(path.join(at, target.replace(/#.*$/u, ''))));
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
