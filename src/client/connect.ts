import { formatEndpoint, parseEndpoints } from '../wire/endpoints.ts';
import { connectOptions } from './checked-options.ts';
import { Db } from './db.ts';
import { Driver } from './driver.ts';
import type { ConnectOptions } from './options.ts';
import type { Platform } from './platform.ts';

/** `connect`, on any platform. */
export async function connectOn(platform: Platform, url: string, options: ConnectOptions): Promise<Db> {
  const { timeoutMs, signal, lazy, ...engine } = connectOptions(options);
  const seeds = new Set(parseEndpoints(url).map(formatEndpoint));
  const driver = new Driver(platform, { ...engine, seeds: [...seeds] });
  if (!lazy) await firstWelcome(driver, timeoutMs, signal);
  return new Db(driver, timeoutMs);
}

async function firstWelcome(
  driver: Driver,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await driver.call({ kind: 'greeting' }, { timeoutMs, signal });
  } catch (error) {
    await driver.close();
    throw error;
  }
}
