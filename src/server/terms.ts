/**
 * The terms of `wire` that the command line shows to people: errors, addresses, defaults. It may not reach into wire
 * itself (DESIGN 1), and loads neither the SDK nor the node to print a usage error.
 */
export { DEFAULT_CLIENT_PORT, DEFAULT_TIMEOUT_MS } from '../wire/defaults.ts';
export { formatEndpoint, parseEndpoints } from '../wire/endpoints.ts';
export { ERROR_CODES, QuorateError } from '../wire/errors.ts';
export type { ErrorCode } from '../wire/errors.ts';
