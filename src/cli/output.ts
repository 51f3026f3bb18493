/** Results on standard output, in the form that was asked for: for eyes, for programs, or as plain bytes. */
import type { OutputStream } from './io.ts';
import { write } from './io.ts';
import { paint } from './failure.ts';
import { columnWidths, tableLine } from './table.ts';

export const FORMATS = ['table', 'json', 'raw'] as const;
export type OutputFormat = (typeof FORMATS)[number];

/** One result in all three forms. */
export interface Shown {
  readonly json: unknown;
  readonly raw: string | Uint8Array;
  /** Cells of a table, or one sentence. */
  readonly cells: readonly string[];
}

export interface OutputOptions {
  readonly format: OutputFormat;
  readonly color: boolean;
  /** Raw results end with a line break; otherwise a value leaves exactly as it is stored. */
  readonly lines: boolean;
}

/** Rows looked at before the first is printed, to find the widths of the columns. */
const ROWS_AHEAD = 200;

export class Output {
  readonly format: OutputFormat;
  readonly color: boolean;
  readonly #stream: OutputStream;
  readonly #lines: boolean;

  constructor(stream: OutputStream, { format, color, lines }: OutputOptions) {
    this.#stream = stream;
    this.format = format;
    this.color = color;
    this.#lines = lines;
  }

  async write(text: string | Uint8Array): Promise<void> {
    await write(this.#stream, text);
  }

  /** One result; with columns as a table of one row, without as a sentence. */
  async one(shown: Shown, columns: readonly string[] = []): Promise<void> {
    if (this.format === 'json') return await this.write(`${JSON.stringify(shown.json)}\n`);
    if (this.format === 'raw') return await this.#raw(shown.raw);
    await this.write(
      columns.length === 0 ? `${shown.cells.join('  ')}\n` : this.#table(columns, [shown.cells]),
    );
  }

  /** A stream: a line each, as JSON one object a line. Returns how many there were. */
  async many(columns: readonly string[], results: AsyncIterable<Shown> | Iterable<Shown>): Promise<number> {
    let count = 0;
    let waiting: (readonly string[])[] = [];
    let widths: readonly number[] | null = null;
    const flush = async (): Promise<void> => {
      if (waiting.length === 0) return;
      const first = widths === null;
      widths = this.#widths([
        ...(widths === null ? [columns] : [widths.map((each) => ' '.repeat(each))]),
        ...waiting,
      ]);
      const lines = waiting.map((cells) => tableLine(cells, widths ?? []));
      const header = first ? [this.#header(tableLine(columns, widths))] : [];
      waiting = [];
      await this.write([...header, ...lines].map((line) => `${line}\n`).join(''));
    };
    for await (const shown of results) {
      count += 1;
      if (this.format === 'json') await this.write(`${JSON.stringify(shown.json)}\n`);
      else if (this.format === 'raw') await this.#rawLine(shown.raw);
      else if (waiting.push(shown.cells) >= ROWS_AHEAD) await flush();
    }
    await flush();
    return count;
  }

  async #raw(raw: string | Uint8Array): Promise<void> {
    await this.write(raw);
    if (typeof raw === 'string' || (this.#lines && raw.at(-1) !== 0x0a)) await this.write('\n');
  }

  async #rawLine(raw: string | Uint8Array): Promise<void> {
    await this.write(typeof raw === 'string' ? `${raw}\n` : Buffer.concat([raw, Buffer.from('\n')]));
  }

  #table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
    const widths = this.#widths([columns, ...rows]);
    const lines = rows.map((row) => tableLine(row, widths));
    return [this.#header(tableLine(columns, widths)), ...lines].map((line) => `${line}\n`).join('');
  }

  #widths(lines: readonly (readonly string[])[]): readonly number[] {
    return columnWidths(lines, this.#stream.columns);
  }

  #header(line: string): string {
    return paint(this.color, 'bold', line);
  }
}
