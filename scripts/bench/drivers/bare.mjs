import { connect } from 'quorate';

/** The SDK without sessions. @type {import('../load.mjs').OpenDriver} */
export async function open(target) {
  const db = await connect(target, { sessions: false });
  return {
    put: (key, value) => db.put(key, value),
    close: () => db.close(),
  };
}
