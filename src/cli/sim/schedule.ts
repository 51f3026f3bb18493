/** The faults of a plan, for people: a row each. */
import type { Fault, Plan } from '../../sim/index.ts';
import { columnWidths, tableLine } from '../table.ts';
import { faultName } from './fault-names.ts';

const COLUMNS = ['#', 'FROM', 'FOR', 'FAULT', 'WHOM', 'PARTICULARS'] as const;

/** `places`: which of them. */
export function scheduleTable(plan: Plan, places: readonly number[]): readonly string[] {
  const rows = places.flatMap((place) => {
    const fault = plan.faults[place];
    return fault === undefined ? [] : [row(place, fault)];
  });
  const lines = [COLUMNS, ...rows];
  const widths = columnWidths(lines);
  return lines.map((cells) => tableLine(cells, widths));
}

function row(place: number, { atMs, forMs, harm }: Fault): readonly string[] {
  const { kind, ...rest } = harm;
  const { whom, ...particulars } = 'whom' in rest ? rest : { whom: null, ...rest };
  return [
    String(place),
    seconds(atMs),
    seconds(forMs),
    faultName(kind),
    typeof whom === 'number' ? `n${whom + 1}` : (whom ?? ''),
    particularsOf(particulars),
  ];
}

function particularsOf(particulars: Readonly<Record<string, unknown>>): string {
  return Object.entries(particulars)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}
