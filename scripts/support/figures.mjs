/** Numbers for people: medians with their range, percentiles, tables. */

/** @param {readonly number[]} values @param {number} fraction 0 to 1 @returns {number} */
export function percentile(values, fraction) {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;
}

/** @param {readonly number[]} values */
export function median(values) {
  return percentile(values, 0.5);
}

/** Three significant digits, thousands apart. @param {number} value */
export function figure(value) {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

/** `median [min..max]` @param {readonly number[]} values */
export function spread(values) {
  if (values.length === 0) return '-';
  return `${figure(median(values))} [${figure(Math.min(...values))}..${figure(Math.max(...values))}]`;
}

/** A Markdown table with aligned columns. @param {readonly (readonly string[])[]} rows the first one is the head */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
