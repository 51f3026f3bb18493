/**
 * Who may speak to a port at all. Browsers send what any page tells them to, so a request with an Origin comes in only
 * by name (cross-site WebSocket hijacking), and one whose Host is a foreign name does not come in at all (DNS
 * rebinding: a page's own name that now points here). Pure.
 */
import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '../wire/errors.ts';

export interface AdmissionRules {
  readonly subprotocol: string;
  /** Exact, as browsers send them: `https://console.example.org`. */
  readonly allowedOrigins: readonly string[];
  /** Besides addresses and `localhost`; without a port. */
  readonly allowedHosts: readonly string[];
}

export interface HttpRefusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** null: let it in. */
export function refuseRequest(headers: IncomingHttpHeaders, rules: AdmissionRules): HttpRefusal | null {
  return refuseHost(headers.host, rules) ?? refuseOrigin(headers, rules);
}

export function refuseUpgrade(headers: IncomingHttpHeaders, rules: AdmissionRules): HttpRefusal | null {
  return refuseRequest(headers, rules) ?? refuseSubprotocol(headers, rules);
}

function refuseHost(header: string | undefined, rules: AdmissionRules): HttpRefusal | null {
  // Only HTTP/1.0 may go without; health checks of load balancers do, browsers never.
  if (header === undefined) return null;
  const host = hostOf(header);
  if (host !== null && (isIP(host) !== 0 || host === 'localhost' || allowsHost(rules, host))) return null;
  return {
    status: 403,
    code: 'INVALID_ARGUMENT',
    message:
      'the Host header names neither an address nor a configured host; add the name to the allowed hosts',
  };
}

function allowsHost(rules: AdmissionRules, host: string): boolean {
  return rules.allowedHosts.some((allowed) => allowed.toLowerCase() === host);
}

/** `a`, `a:1`, `[::1]:1` without the port and the brackets, in lower case; null for what is none of these. */
function hostOf(header: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/iu.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

function refuseOrigin(headers: IncomingHttpHeaders, rules: AdmissionRules): HttpRefusal | null {
  // The second is what clients of WebSocket version 8 send, which ws still speaks.
  const origins = [headers.origin, headers['sec-websocket-origin']]
    .flat()
    .filter((each) => each !== undefined);
  if (origins.every((origin) => rules.allowedOrigins.includes(origin))) return null;
  return {
    status: 403,
    code: 'INVALID_ARGUMENT',
    message: 'this Origin is not allowed; add it to the allowed origins if its pages may use this cluster',
  };
}

function refuseSubprotocol(headers: IncomingHttpHeaders, rules: AdmissionRules): HttpRefusal | null {
  const offered = headers['sec-websocket-protocol']?.split(',').map((each) => each.trim()) ?? [];
  if (offered.includes(rules.subprotocol)) return null;
  return {
    status: 400,
    code: 'PROTOCOL_MISMATCH',
    message: `this port speaks ${rules.subprotocol}; offer it as the WebSocket subprotocol`,
  };
}
