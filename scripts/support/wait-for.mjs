const POLL_MS = 10;

/**
 * Asks until `probe` gives something other than undefined; a probe that throws has nothing to say yet. Fails with
 * what was waited for and the last thing that stood in the way.
 *
 * @template T
 * @param {string} what
 * @param {() => T | undefined | Promise<T | undefined>} probe
 * @param {number} [timeoutMs]
 * @returns {Promise<T>}
 */
export async function waitFor(what, probe, timeoutMs = 10_000) {
  const deadline = performance.now() + timeoutMs;
  /** @type {unknown} */
  let obstacle = null;
  while (performance.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      obstacle = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`, obstacle === null ? undefined : { cause: obstacle });
}
