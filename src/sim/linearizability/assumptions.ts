/**
 * What a recorder promises of its history. A history that breaks it says nothing about the store, so it is refused
 * and not judged. One more cannot be seen from here: the store was empty at the start.
 */
import type { ClientOperation, History } from './history.ts';

/** The history (not the store) is at fault: its recorder has a bug, or a file was damaged. */
export class MalformedHistory extends Error {
  override readonly name = 'MalformedHistory';
}

export function checkAssumptions(history: History): void {
  const callIds = new Set<number>();
  const byClient = new Map<string, ClientOperation[]>();
  for (const operation of history) {
    checkInterval(operation);
    if (callIds.has(operation.callId)) throw new MalformedHistory(`${nameOf(operation)} stands there twice`);
    callIds.add(operation.callId);
    const own = byClient.get(operation.client);
    if (own === undefined) byClient.set(operation.client, [operation]);
    else own.push(operation);
  }
  for (const own of byClient.values()) checkOneAtATime(own);
}

function checkInterval(operation: ClientOperation): void {
  const { callMs, returnMs, outcome } = operation;
  if (!Number.isFinite(callMs)) throw new MalformedHistory(`${nameOf(operation)} was called at ${callMs}`);
  if (outcome.type === 'unknown') {
    if (returnMs === Infinity) return;
    throw new MalformedHistory(`${nameOf(operation)} is of unknown outcome, so it must end at Infinity`);
  }
  if (Number.isFinite(returnMs) && returnMs >= callMs) return;
  throw new MalformedHistory(`${nameOf(operation)} was called at ${callMs} and returned at ${returnMs}`);
}

/**
 * An operation of unknown outcome is one the client gave up, in no time perhaps: it may go on, and does not wait for
 * it any more.
 */
function checkOneAtATime(own: ClientOperation[]): void {
  own.sort((a, b) => a.callMs - b.callMs || endOf(a) - endOf(b));
  let previous: ClientOperation | null = null;
  for (const operation of own) {
    if (previous !== null && operation.callMs < previous.returnMs) {
      throw new MalformedHistory(`${nameOf(operation)} began while ${nameOf(previous)} was open`);
    }
    if (operation.outcome.type !== 'unknown') previous = operation;
  }
}

function endOf({ callMs, returnMs, outcome }: ClientOperation): number {
  return outcome.type === 'unknown' ? callMs : returnMs;
}

function nameOf({ client, callId }: ClientOperation): string {
  return `call ${callId} of client ${client}`;
}
