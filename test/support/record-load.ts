import { createRequire } from 'node:module';

import type { Database } from './cluster.ts';
import { Milestones, type Milestone } from './milestones.ts';
import { createOnce } from './settled-write.ts';

export const MIME_PREFIX = 'mime/';

/** Some 2,500 real records: every media type of the npm package mime-db. */
export const MIME_RECORDS: ReadonlyMap<string, string> = mimeRecords();

export interface LoadResult {
  /** The revision that each acknowledged key was given. */
  readonly revisions: ReadonlyMap<string, number>;
  readonly unknown: number;
  readonly refused: number;
  readonly elapsedMs: number;
  /** The longest time without any acknowledgement. */
  readonly longestGapMs: number;
  /** Acknowledgements at the moment each milestone began. */
  readonly reachedAt: readonly number[];
}

export interface LoadOptions {
  readonly inFlight: number;
  readonly milestones: readonly Milestone[];
}

/** Creates every record once, `inFlight` at a time. */
export async function loadRecords(
  db: Database,
  records: ReadonlyMap<string, string>,
  { inFlight, milestones: plan }: LoadOptions,
): Promise<LoadResult> {
  const milestones = new Milestones(plan, records.size, inFlight);
  const queue = records.entries();
  const revisions = new Map<string, number>();
  const total = { issued: 0, unknown: 0, refused: 0, longestGapMs: 0 };
  const startedAt = performance.now();
  let lastAt = startedAt;

  const lane = async (): Promise<void> => {
    for (const [key, value] of queue) {
      total.issued += 1;
      await milestones.before(total.issued);
      const { revision, unknown, refused } = await createOnce(db, key, value);
      total.unknown += unknown;
      total.refused += refused;
      total.longestGapMs = Math.max(total.longestGapMs, performance.now() - lastAt);
      lastAt = performance.now();
      revisions.set(key, revision);
      milestones.acknowledged(revisions.size);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const elapsedMs = performance.now() - startedAt;
  await milestones.done();
  return { ...total, revisions, elapsedMs, reachedAt: milestones.reachedAt };
}

/** What the store holds against what was acknowledged: one line for each record that is not as promised. */
export async function differences(db: Database, load: LoadResult): Promise<readonly string[]> {
  const complaints: string[] = [];
  const found = new Set<string>();
  const holders = new Map<number, string>();
  for await (const entry of db.scan({ prefix: MIME_PREFIX })) {
    const { key } = entry;
    const promised = load.revisions.get(key);
    found.add(key);
    if (promised !== entry.modRevision) {
      complaints.push(`${key}: at revision ${entry.modRevision}, acknowledged at ${promised}`);
    }
    if (entry.createRevision !== entry.modRevision || entry.version !== 1) {
      complaints.push(`${key}: written ${entry.version} times`);
    }
    if (entry.text() !== MIME_RECORDS.get(key)) complaints.push(`${key}: holds another value`);
    const holder = holders.get(entry.modRevision);
    if (holder !== undefined) complaints.push(`${key}: shares revision ${entry.modRevision} with ${holder}`);
    holders.set(entry.modRevision, key);
  }
  for (const key of load.revisions.keys()) if (!found.has(key)) complaints.push(`${key}: lost`);
  return complaints;
}

function mimeRecords(): ReadonlyMap<string, string> {
  const database: unknown = createRequire(import.meta.url)('mime-db');
  if (typeof database !== 'object' || database === null) throw new Error('mime-db is not an object');
  return new Map(
    Object.entries(database).map(([type, about]) => [`${MIME_PREFIX}${type}`, JSON.stringify(about)]),
  );
}
