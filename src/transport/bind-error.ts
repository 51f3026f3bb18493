import { formatEndpoint } from '../wire/endpoints.ts';
import type { Endpoint } from '../wire/endpoints.ts';
import { QuorateError } from '../wire/errors.ts';

/** Why a port could not be bound, as an operator can act on it. */
export function bindError(address: Endpoint, cause: Error): QuorateError {
  const where = formatEndpoint(address);
  switch ('code' in cause ? cause.code : undefined) {
    case 'EADDRINUSE':
      return new QuorateError('ADDRESS_IN_USE', `another process listens on ${where}`, {
        cause,
        details: { hint: 'stop that process, or give this node another port' },
      });
    case 'EACCES':
      return new QuorateError('CONFIG_INVALID', `this user may not listen on ${where}`, {
        cause,
        details: { hint: 'use a port above 1023' },
      });
    default:
      return new QuorateError('CONFIG_INVALID', `cannot listen on ${where}: ${cause.message}`, {
        cause,
        details: { hint: 'use an address of this machine' },
      });
  }
}
