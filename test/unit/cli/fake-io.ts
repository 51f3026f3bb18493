import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../../src/cli/io.ts';

export interface FakeIo extends Io {
  /** What was written to standard output and standard error so far. */
  readonly said: { readonly out: () => string; readonly err: () => string };
}

/** A process that is no terminal, unless told so. */
export function fakeIo(
  options: { readonly env?: Record<string, string>; readonly columns?: number; readonly input?: string } = {},
): FakeIo {
  const out = collector(options.columns);
  const err = collector(options.columns);
  const stdin = new PassThrough();
  stdin.end(options.input ?? '');
  return {
    stdin,
    stdout: out.stream,
    stderr: err.stream,
    env: options.env ?? {},
    said: { out: out.text, err: err.text },
  };
}

function collector(columns: number | undefined): {
  readonly stream: Io['stdout'];
  readonly text: () => string;
} {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  return { stream: Object.assign(stream, terminal), text: () => Buffer.concat(chunks).toString('utf8') };
}
