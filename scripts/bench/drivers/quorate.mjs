import { connect } from 'quorate';

/** Through the public SDK, as any program would. @type {import('../load.mjs').OpenDriver} */
export async function open(target) {
  const db = await connect(target);
  return {
    put: (key, value) => db.put(key, value),
    get: (key) => db.get(key),
    close: () => db.close(),
  };
}
