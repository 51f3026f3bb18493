import { Level } from 'level';

/** One synced put after the other, in the process that measures: the floor under a durable write. @type {import('../load.mjs').OpenDriver} */
export async function open(target) {
  const level = new Level(target, { keyEncoding: 'utf8', valueEncoding: 'view' });
  await level.open();
  return {
    put: (key, value) => level.put(key, value, { sync: true }),
    close: () => level.close(),
  };
}
