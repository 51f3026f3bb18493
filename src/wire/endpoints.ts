import { DEFAULT_CLIENT_PORT } from './defaults.ts';
import { QuorateError } from './errors.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const SCHEME = 'quorate://';

/** Parses `quorate://a:7400,b,[::1]:7410`; throws INVALID_ARGUMENT with the part that is wrong. */
export function parseEndpoints(url: string): readonly Endpoint[] {
  if (!url.startsWith(SCHEME)) throw invalid(url, `it starts with ${SCHEME}`);
  const list = url.slice(SCHEME.length).replace(/\/$/, '');
  return list.split(',').map((part) => parseEndpoint(part.trim()));
}

/** Parses `host`, `host:port` or `[ipv6]:port`. */
export function parseEndpoint(text: string, defaultPort: number = DEFAULT_CLIENT_PORT): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw invalid(text, 'an endpoint is host:port, with an IPv6 address in brackets');
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (port < 1 || port > 65_535) throw invalid(text, 'a port is 1 to 65535');
  return { host, port };
}

/** `host:port`, with an IPv6 address in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function invalid(text: string, rule: string): QuorateError {
  const details = { hint: 'for example quorate://127.0.0.1:7400,127.0.0.1:7410,127.0.0.1:7420' };
  return new QuorateError('INVALID_ARGUMENT', `"${text}" is not an endpoint: ${rule}`, { details });
}
