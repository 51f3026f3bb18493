/** Columns aligned by what a terminal shows, not by code units. */
import { stripVTControlCharacters } from 'node:util';

const GAP = '  ';
/** A cell that must shrink keeps at least this much. */
const CELL_MIN = 12;

export function columnWidths(
  lines: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): number[] {
  const widths: number[] = [];
  for (const cells of lines) {
    cells.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  }
  return shrunk(widths, width);
}

/** Takes from the widest column, cell by cell, until the line fits or nothing is wide any more. */
function shrunk(widths: number[], width: number): number[] {
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= CELL_MIN) break;
    const others = widths.filter((each) => each < widest);
    const step = Math.min(excess, widest - Math.max(CELL_MIN, ...others), widest - CELL_MIN) || 1;
    const column = widths.indexOf(widest);
    widths[column] = widest - step;
    excess -= step;
  }
  return widths;
}

export function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const room = widths[column] ?? displayWidth(cell);
      const fitted = displayWidth(cell) > room ? cut(cell, room) : cell;
      return column === cells.length - 1 ? fitted : fitted + ' '.repeat(room - displayWidth(fitted));
    })
    .join(GAP)
    .trimEnd();
}

/** A plain cell, at most `room` wide, ending in an ellipsis. */
function cut(cell: string, room: number): string {
  let kept = '';
  let used = 0;
  for (const character of stripVTControlCharacters(cell)) {
    const width = displayWidth(character);
    if (used + width > room - 1) break;
    kept += character;
    used += width;
  }
  return `${kept}…`;
}

const MARK = /^\p{Mark}$/u;
/** East Asian wide and emoji blocks; enough to keep columns straight. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (MARK.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
