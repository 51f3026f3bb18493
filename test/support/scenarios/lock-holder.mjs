/**
 * A program that holds a lock and writes under it, to be stopped in the middle (SIGSTOP): `node lock-holder.mjs URL LOCK
 * GUARDED TTL_MS`. The lock is a key on a lease, its token the revision that made the key, and every write compares it.
 * Told on standard input what to do next, it answers each line with one of JSON.
 *
 *   lock          {"token": 7}
 *   write VALUE   {"done": true}, or false where another holds the lock
 */
import { createInterface } from 'node:readline';

import { connect } from 'quorate';

const [url = '', lock = '', guarded = '', ttlMs = ''] = process.argv.slice(2);
const db = await connect(url, { discover: false });
const lease = await db.lease({ ttlMs: Number(ttlMs) });
let token = 0;
say({ lease: String(lease.id) });

for await (const line of createInterface({ input: process.stdin })) {
  const [word, value = ''] = line.split(' ');
  if (word === 'lock') {
    const { revision } = await db.put(lock, lock, { ifAbsent: true, lease });
    token = revision;
    say({ token });
  } else {
    const { succeeded } = await db.txn({
      when: [{ key: lock, createRevision: token }],
      do: [{ put: guarded, value }],
    });
    say({ done: succeeded, lost: lease.lost.aborted });
  }
}
process.exit(0);

/** @param {object} answer */
function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
