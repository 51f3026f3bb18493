// Loaded before the node (NODE_OPTIONS --import): SIGUSR2 keeps its event loop busy for as long as the file says.
import { readFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  const busyMs = Number(readFileSync(process.env['QUORATE_TEST_BUSY'] ?? '', 'utf8'));
  const until = performance.now() + busyMs;
  while (performance.now() < until);
});
