/** A report in a few lines of text. */
import type { Measure, Report } from './scenario.ts';

export function reportLines(report: Report): string {
  const { scenario, operations, acknowledged, refused, unknown, seconds } = report;
  const head = `row ${scenario.row}, ${scenario.name}: ${report.complaints.length === 0 ? 'ok' : 'FAILED'} in ${seconds.toFixed(1)} s`;
  const counts = `  ${operations} operations: ${acknowledged} answered, ${refused} refused, ${unknown} unknown`;
  const service = `  longest gap ${Math.round(report.longestGapMs)} ms, ${report.leaderChanges} leader changes; the machine was ${Math.round(report.machineLateMs)} ms late at worst`;
  const measures = report.measures.map((measure) => `  ${measureText(measure)}`);
  const complaints = report.complaints.map((complaint) => `  ✗ ${complaint}`);
  return [head, counts, service, ...measures, ...complaints].join('\n');
}

export function measureText({ what, value, unit, atMost, atLeast }: Measure): string {
  const promised = [
    ...(atMost === null ? [] : [`at most ${atMost}`]),
    ...(atLeast === null ? [] : [`at least ${atLeast}`]),
  ].join(', ');
  return `${what}: ${Math.round(value)}${unit === '' ? '' : ` ${unit}`}${promised === '' ? '' : ` (${promised})`}`;
}
