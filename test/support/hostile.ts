import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { WebSocket } from 'ws';

/** How long a node may take to close what it does not like; the first-frame deadline is 5 s (reliability 4). */
const CLOSED_WITHIN_MS = 10_000;

/** What no honest client would do. Each resolves with how the node ended it, and rejects if the node did not. */
export interface Attack {
  readonly name: string;
  run(address: string, subprotocol: string): Promise<string>;
}

export const ATTACKS: readonly Attack[] = [
  raw('random bytes', () => randomBytes(4_096)),
  raw('half a request and silence', () => Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-')),
  raw('a header of 64 KiB', () => Buffer.from(`GET / HTTP/1.1\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`)),
  { name: 'no subprotocol', run: (address) => handshake(address, [], {}) },
  { name: 'a foreign subprotocol', run: (address) => handshake(address, ['chat'], {}) },
  {
    name: 'a foreign Origin',
    run: (address, subprotocol) => handshake(address, [subprotocol], { origin: 'https://example.org' }),
  },
  {
    name: 'a foreign Host',
    run: (address, subprotocol) =>
      handshake(address, [subprotocol], { headers: { host: 'rebound.example.org' } }),
  },
  frames('a text frame', (socket) => socket.send('hello')),
  frames('a random frame', (socket) => socket.send(randomBytes(512))),
  frames('an empty frame', (socket) => socket.send(new Uint8Array(0))),
  frames('an oversized frame', (socket) => socket.send(Buffer.alloc(8 * 1024 * 1024))),
  frames('an array of four billion', (socket) => socket.send(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff))),
  frames('a thousand arrays in each other', (socket) => socket.send(Buffer.alloc(1_000, 0x91))),
  frames('a MessagePack record', (socket) => socket.send(Uint8Array.of(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61))),
  frames('a message of no known type', (socket) => socket.send(Uint8Array.of(0x91, 0x91, 0xcc, 0xfa))),
  frames('ten thousand fragments', (socket) => {
    for (let part = 0; part < 10_000; part += 1) socket.send('x', { fin: false, binary: true });
  }),
  frames('a frame without a mask', (socket) => socket.send(randomBytes(32), { mask: false })),
];

function raw(name: string, bytes: () => Buffer): Attack {
  return {
    name,
    async run(address) {
      const [host, port] = address.split(':');
      const socket = connect(Number(port), host);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.resume();
      socket.write(bytes());
      return await closed(name, socket);
    },
  };
}

async function closed(name: string, socket: Socket): Promise<string> {
  await within(name, once(socket, 'close'));
  return 'socket closed';
}

/** A handshake that must not become a connection. */
async function handshake(
  address: string,
  subprotocols: readonly string[],
  options: { readonly origin?: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<string> {
  const socket = new WebSocket(`ws://${address}`, [...subprotocols], {
    ...options,
    perMessageDeflate: false,
  });
  const ended = new Promise<string>((resolve, reject) => {
    socket.on('error', (error) => resolve(error.message));
    socket.on('open', () => reject(new Error('the node took the connection')));
  });
  try {
    return await within('the handshake', ended);
  } finally {
    socket.terminate();
  }
}

/** A proper handshake, then what nobody should send first. */
function frames(name: string, send: (socket: WebSocket) => void): Attack {
  return {
    name,
    async run(address, subprotocol) {
      const socket = new WebSocket(`ws://${address}`, subprotocol, { perMessageDeflate: false });
      socket.on('error', () => {});
      await within('the handshake', once(socket, 'open'));
      const ended = new Promise<string>((resolve) => socket.on('close', (code) => resolve(`close ${code}`)));
      send(socket);
      return await within(name, ended);
    },
  };
}

async function within<T>(name: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${name}: still open after ${CLOSED_WITHIN_MS} ms`;
    timer = setTimeout(() => reject(new Error(message)), CLOSED_WITHIN_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
