import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../../src/sim/kernel/kernel.ts';
import { LateCopies } from '../../../../src/sim/network/late-copies.ts';
import { SimulatedSocket } from '../../../../src/sim/network/simulated-socket.ts';
import { ClientMachine } from '../../../../src/sim/workload/simulated-client.ts';
import {
  decodeClientFrame,
  encodeClientMessages,
  encodeServerMessages,
} from '../../../../src/wire/client-codec.ts';
import type { ClientMessage } from '../../../../src/wire/client-protocol.ts';

const NOWHERE = { transmit: () => {}, later: () => {}, forget: () => {} };
const LIMITS = { frameBytesMax: 1 << 20 };

function write(id: number, session: bigint): ClientMessage {
  return { type: 'write', id, timeoutMs: 1_000, session, sequence: 7, operation: Uint8Array.of(1, 2, 3) };
}

function answerTo(id: number): Uint8Array {
  return encodeServerMessages([
    { type: 'written', id, term: 1, reply: { type: 'sessionClose', revision: 1, closed: true } },
  ]);
}

function socket(): SimulatedSocket {
  return new SimulatedSocket(new ClientMachine('c1', new Kernel()), NOWHERE);
}

describe('late copies', () => {
  it('are of writes in sessions, once their answer is on its way, and under another number', () => {
    const copies = new LateCopies();
    const by = socket();
    copies.asked(by, encodeClientMessages([write(1, 5n), write(2, 5n)]));
    const [copy, ...others] = copies.answered(by, answerTo(2));
    expect(others).toEqual([]);
    const decoded = decodeClientFrame(copy ?? new Uint8Array(0), LIMITS);
    expect(decoded).toMatchObject({
      ok: true,
      value: [{ type: 'write', id: 2 + 2 ** 31, session: 5n, sequence: 7 }],
    });
    expect(copies.answered(by, answerTo(2))).toEqual([]);
  });

  it('are never of writes outside of sessions, nor of what was asked over another connection', () => {
    const copies = new LateCopies();
    const by = socket();
    copies.asked(by, encodeClientMessages([write(1, 0n), write(2, 5n)]));
    expect(copies.answered(by, answerTo(1))).toEqual([]);
    expect(copies.answered(socket(), answerTo(2))).toEqual([]);
  });
});
