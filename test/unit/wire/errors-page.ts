import { ERROR_CODES } from '../../../src/wire/errors.ts';

/** docs/errors.md: its prose stands here, its table in the code. */
export function errorsPage(): string {
  const codes = Object.entries(ERROR_CODES).map(([code, { retryable, outcome, meaning }]) => [
    `\`${code}\``,
    retryable ? 'yes' : 'no',
    outcome,
    meaning,
  ]);
  return [
    ABOUT,
    table(['code', 'retryable', 'outcome', 'meaning'], codes),
    DETAILS,
    table(['field', 'unit', 'with', 'meaning'], DETAIL_ROWS),
  ].join('\n');
}

/** Columns padded as the formatter wants them, so that the two agree on the file. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows].map(line).join('');
}

const ABOUT = `# Error codes

Every failure that Quorate reports, through the SDK, the CLI, HTTP or a connection, is a \`QuorateError\` with one of
these codes. Codes are stable; messages are for people and may change. No program should match a message.

- **retryable**: the same call may succeed later, or on another node.
- **outcome**: what is known of the effect of a write. \`not-applied\`: nothing was or will be changed. \`applied\`: it
  took effect. \`unknown\`: it may have, or may still. Here stands what the code alone tells; an error can know better
  or less (a broken connection makes a write in flight \`unknown\`), so read \`error.outcome\`, not this table.

This page is made from \`src/wire/errors.ts\` and held to it by a test. After a change there:
\`npx vitest run --project unit test/unit/wire/errors.test.ts -u\`.
`;

const DETAILS = `## Details

\`error.details\` has the facts beside the sentence, each only where it applies.
`;

const DETAIL_ROWS: readonly (readonly string[])[] = [
  ['`leader`', 'node id', 'any error of a node', 'Who leads, as far as that node knows.'],
  ['`retryAfterMs`', 'ms', '`OVERLOADED`', 'When to try again at the earliest.'],
  [
    '`currentRevision`',
    'revision',
    '`CONFLICT`',
    'The `modRevision` that stands there; 0 for an absent key.',
  ],
  ['`limit`', 'bytes or count', '`…_TOO_LARGE`, where known', 'The most that is allowed.'],
  ['`actual`', 'bytes or count', '`…_TOO_LARGE`, where known', 'What was asked for.'],
  ['`floor`', 'revision', '`COMPACTED`', 'The oldest revision that can be read.'],
  ['`revision`', 'revision', '`FUTURE_REVISION`', 'The present revision of the store.'],
  ['`at`', '', "a transaction's", 'The place of the operation that failed: `do[1].otherwise[0]`.'],
  ['`hint`', '', 'any', 'What to do about it; the CLI prints it after `hint:`.'],
];
