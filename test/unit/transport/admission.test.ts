import { expect, test } from 'vitest';

import { refuseRequest, refuseUpgrade } from '../../../src/transport/admission.ts';

const RULES = {
  subprotocol: 'quorate.peer.v1',
  allowedOrigins: ['https://console.example.org'],
  allowedHosts: ['Node-1.example.org'],
};

test.each([
  ['127.0.0.1:7400', null],
  ['127.0.0.1', null],
  ['[::1]:7400', null],
  ['LocalHost:7400', null],
  ['node-1.EXAMPLE.org:7400', null],
  // HTTP/1.0 health checks of load balancers send none.
  [undefined, null],
  ['rebound.example.org:7400', 403],
  ['127.0.0.1.example.org', 403],
  ['localhost.example.org', 403],
  ['a@127.0.0.1', 403],
  ['127.0.0.1:7400/x', 403],
  ['', 403],
])('a request for the host %s is answered with %s', (host, status) => {
  expect(refuseRequest(host === undefined ? {} : { host }, RULES)?.status ?? null).toBe(status);
});

test.each([
  [{}, null],
  [{ origin: 'https://console.example.org' }, null],
  [{ origin: 'https://console.example.org:8443' }, 403],
  [{ origin: 'https://evil.example.org' }, 403],
  [{ origin: 'http://127.0.0.1:7400' }, 403],
  [{ origin: 'null' }, 403],
  [{ 'sec-websocket-origin': 'https://evil.example.org' }, 403],
])('a request with %j is answered with %s', (headers, status) => {
  expect(refuseRequest({ host: '127.0.0.1', ...headers }, RULES)?.status ?? null).toBe(status);
});

test.each([
  ['quorate.peer.v1', null],
  ['chat, quorate.peer.v1', null],
  ['quorate.client.v1', 'PROTOCOL_MISMATCH'],
  [undefined, 'PROTOCOL_MISMATCH'],
])('an upgrade that offers the subprotocol %s is answered with %s', (offered, code) => {
  const headers = {
    host: '127.0.0.1',
    ...(offered === undefined ? {} : { 'sec-websocket-protocol': offered }),
  };
  expect(refuseUpgrade(headers, RULES)?.code ?? null).toBe(code);
});
