/** One line of figures, beside the test that measured them. */
export function report(line: string): void {
  process.stdout.write(`    ${line}\n`);
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}
