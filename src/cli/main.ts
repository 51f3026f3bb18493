#!/usr/bin/env node
import { EXIT } from './exit-codes.ts';
import { run } from './program.ts';

/** A socket that is still closing must not keep a command's result waiting. */
const LINGER_MS = 500;

// The reader has what it wanted (`quorate scan | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
});

process.exitCode = await run(process.argv.slice(2), process);
setTimeout(() => process.exit(), LINGER_MS).unref();
