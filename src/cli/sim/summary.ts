/** What a campaign came to. */
import type { Tally } from '../../sim/index.ts';
import { columnWidths, tableLine } from '../table.ts';
import { faultName } from './fault-names.ts';
import type { RoomShare } from './profile.ts';

export interface Summary {
  readonly firstSeed: number;
  /** That were run, whether they held or not. */
  readonly seeds: number;
  readonly broken: number;
  readonly tally: Tally;
  readonly cpuMs: number;
  readonly elapsedMs: number;
  readonly rooms: readonly RoomShare[] | null;
}

export function summaryJson(summary: Summary): Readonly<Record<string, unknown>> {
  const { firstSeed, seeds, broken, tally, cpuMs, elapsedMs, rooms } = summary;
  return {
    type: 'summary',
    firstSeed,
    seeds,
    broken,
    simulatedMs: tally.simulatedMs,
    operations: tally.operations,
    unknown: tally.unknown,
    committed: tally.committed,
    events: tally.events,
    faults: Object.fromEntries(byCount(tally.faults)),
    cpuMs: Math.round(cpuMs),
    elapsedMs: Math.round(elapsedMs),
    hoursPerCoreMinute: Number(hoursPerCoreMinute(summary).toFixed(3)),
    ...(rooms === null
      ? {}
      : { cpuPercent: Object.fromEntries(rooms.map((each) => [each.room, each.percent])) }),
  };
}

export function summaryText(summary: Summary): string {
  const { firstSeed, seeds, broken, tally, cpuMs, elapsedMs, rooms } = summary;
  const perSecond = tally.simulatedMs === 0 ? 0 : tally.operations / (tally.simulatedMs / 1_000);
  const processorTime = `${(cpuMs / 1_000).toFixed(1)} s, in ${(elapsedMs / 1_000).toFixed(1)} s`;
  const held = [
    ['simulated hours', tally.simulatedHours.toFixed(2)],
    ['operations', `${tally.operations}, ${perSecond.toFixed(0)} in a simulated second`],
    ['unknown', `${tally.unknown}, which may have happened or not`],
    ['entries committed', String(tally.committed)],
    ['events', String(tally.events)],
  ];
  const speed = ['simulated hours per core-minute', hoursPerCoreMinute(summary).toFixed(2)];
  const rows = [
    ['seeds', `${seeds}, from ${firstSeed} on; ${broken === 0 ? 'all held' : `${broken} broke a law`}`],
    ...(tally.runs === 0 ? [] : held),
    ['processor time', processorTime],
    ...(tally.runs === 0 ? [] : [speed]),
  ];
  const faults = byCount(tally.faults).map(([kind, count]) => [faultName(kind), String(count)]);
  const shares = (rooms ?? []).map(({ room, percent }) => [room, `${percent.toFixed(1)} %`]);
  return [
    ...table(rows),
    ...section('faults that met somebody', faults),
    ...section('where the processor time went', shares),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Of what held: a seed that broke stopped somewhere. */
function hoursPerCoreMinute({ tally, cpuMs }: Summary): number {
  return cpuMs === 0 ? 0 : tally.simulatedHours / (cpuMs / 60_000);
}

function byCount(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0
    ? []
    : ['', title, ...table(rows.map(([name = '', ...rest]) => [`  ${name}`, ...rest]))];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columnWidths(rows);
  return rows.map((cells) => tableLine(cells, widths));
}
