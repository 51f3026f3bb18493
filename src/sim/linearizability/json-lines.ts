/**
 * A history as a file: one operation a line, its fields as in history.ts. README.md shows it; who writes a foreign
 * history may leave out whatever has a default in json-tables.ts.
 */
import { MalformedHistory } from './assumptions.ts';
import type { Answer, ClientOperation, History, Outcome } from './history.ts';
import { endMs, number, oneOf, record, text, union, Unshapely, withDefault } from './json-shape.ts';
import type { JsonShape } from './json-shape.ts';
import { operationShape, queryShape, replyShape, resultShape, unstated } from './json-tables.ts';

const level = withDefault(oneOf('linearizable', 'local'), 'linearizable');
const answer = record<Answer>({ revision: unstated, level, result: resultShape });
const interval = { client: text, callId: number, callMs: number, returnMs: endMs };

const operations = union<'type', ClientOperation>('type', {
  write: { ...interval, operation: operationShape, outcome: outcomeOf(replyShape) },
  read: {
    ...interval,
    query: queryShape,
    level,
    minRevision: withDefault(number, 0),
    outcome: outcomeOf(answer),
  },
});

function outcomeOf<Output>(output: JsonShape<Output>): JsonShape<Outcome<Output>> {
  return union<'type', Outcome<Output>>('type', { ok: { output }, failed: {}, unknown: {} });
}

/** Without the line feed. */
export function writeLine(operation: ClientOperation): string {
  return JSON.stringify(operations.encode(operation));
}

/** Throws MalformedHistory with the number of the line and the path in it. Empty lines are skipped. */
export function readLines(lines: string): History {
  const history: ClientOperation[] = [];
  for (const [at, line] of lines.split('\n').entries()) {
    if (line.trim() !== '') history.push(readLine(line, at + 1));
  }
  return history;
}

function readLine(line: string, lineNumber: number): ClientOperation {
  try {
    return operations.decode(JSON.parse(line), '');
  } catch (error) {
    if (!(error instanceof Unshapely || error instanceof SyntaxError)) throw error;
    throw new MalformedHistory(`line ${lineNumber}: ${error.message}`, { cause: error });
  }
}
