/** Every sample with the codec of its kind: what the tests of formats go through. */
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientMessages,
  encodeServerMessages,
} from '../../../src/wire/client-codec.ts';
import { decodeOperation, encodeOperation } from '../../../src/wire/operation-codec.ts';
import { decodePeerFrame, encodePeerMessages } from '../../../src/wire/peer-codec.ts';
import { CLIENT_MESSAGES, OPERATIONS, PEER_MESSAGES, RAFT_MESSAGES, SERVER_MESSAGES } from './samples.ts';

export const LIMITS = { frameBytesMax: 1024 * 1024 };
const OPERATION_LIMITS = { keyBytesMax: 4_096, valueBytesMax: 1_024 };

export interface Format {
  readonly title: string;
  readonly sample: unknown;
  readonly bytes: Uint8Array;
  /** What `bytes` mean here; undefined when they are refused. */
  readonly decode: (bytes: Uint8Array) => unknown;
  /** The same value's bytes as we would write them. */
  readonly recode: (bytes: Uint8Array) => Uint8Array | null;
}

interface Codec<T> {
  readonly encode: (message: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T | undefined;
}

function formatsOf<T extends { readonly type: string }>(
  kind: string,
  samples: readonly T[],
  { encode, decode }: Codec<T>,
): readonly Format[] {
  return samples.map((sample) => ({
    title: `${kind} ${sample.type}`,
    sample,
    bytes: encode(sample),
    decode,
    recode: (bytes) => {
      const decoded = decode(bytes);
      return decoded === undefined ? null : encode(decoded);
    },
  }));
}

/** Frames of one message. */
export const FRAMES: readonly Format[] = [
  ...formatsOf('client', Object.values(CLIENT_MESSAGES), {
    encode: (message) => encodeClientMessages([message]),
    decode: (bytes) => only(decodeClientFrame(bytes, LIMITS)),
  }),
  ...formatsOf('server', Object.values(SERVER_MESSAGES), {
    encode: (message) => encodeServerMessages([message]),
    decode: (bytes) => only(decodeServerFrame(bytes, LIMITS)),
  }),
  ...formatsOf('peer', Object.values(PEER_MESSAGES), {
    encode: (message) => encodePeerMessages([message]),
    decode: (bytes) => only(decodePeerFrame(bytes, LIMITS)),
  }),
  ...formatsOf('raft', Object.values(RAFT_MESSAGES), {
    encode: (message) => encodePeerMessages([{ type: 'raft', message }]),
    decode: (bytes) => {
      const message = only(decodePeerFrame(bytes, LIMITS));
      return message?.type === 'raft' ? message.message : undefined;
    },
  }),
];

export const OPERATION_FORMATS: readonly Format[] = formatsOf('operation', Object.values(OPERATIONS), {
  encode: encodeOperation,
  decode: (bytes) => {
    const decoded = decodeOperation(bytes, OPERATION_LIMITS);
    return decoded.ok ? decoded.value : undefined;
  },
});

function only<T>(
  frame: { readonly ok: true; readonly value: readonly T[] } | { readonly ok: false },
): T | undefined {
  return frame.ok && frame.value.length === 1 ? frame.value[0] : undefined;
}
