import { createServer } from 'node:net';

/**
 * Below the range from which systems draw ports for outgoing connections (Linux 32768, macOS 49152): a node that is
 * killed finds its port free when it is started again.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 31_999;

/** `count` ports of 127.0.0.1 on which nobody listens now. @param {number} count @returns {Promise<number[]>} */
export async function freePorts(count) {
  /** @type {Set<number>} */
  const ports = new Set();
  while (ports.size < count) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN + 1));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/** Nobody listens on it now. @param {number} port @returns {Promise<boolean>} */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
