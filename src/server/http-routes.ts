/**
 * HTTP on the client port (SPEC 10): health for load balancers and orchestrators, status for people and scripts, keys
 * for curl. Origin and Host were checked by the listener before anything arrives here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientMessage, ServerMessage } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { sendError, sendJson, sendText } from './http-answers.ts';
import { serveCompact, serveKey } from './http-kv.ts';
import type { NodeLimits } from './settings.ts';
import type { NodeStatus } from './status.ts';

/** What the routes need of the node. */
export interface HttpNode {
  readonly limits: NodeLimits;
  status(): NodeStatus;
  /** One request through the node's loop, as if a client had sent it; answered within the request's deadline. */
  submit(message: Extract<ClientMessage, { type: 'read' | 'write' }>): Promise<ServerMessage>;
}

const INDEX = `Quorate node.

GET    /livez                      200 while the process answers
GET    /startupz                   200 once the node has joined its cluster and opened its log
GET    /readyz?maxLagMs=N          200 while the node has a leader and is caught up
GET    /leader                     200 on the leader only
GET    /v1/status                  what this node knows, as JSON
GET    /v1/kv/KEY                  the value; ?level=local reads this node's own state, ?atRevision=N the past
GET    /v1/kv/?prefix=P&limit=N    records as JSON; a page with more goes on with ?after=RESUME (and ?atRevision=REVISION)
PUT    /v1/kv/KEY                  the body becomes the value; ?ifAbsent, ?ifPresent, ?ifRevision=N, ?ifVersion=N, ?lease=ID
POST   /v1/kv/KEY?increment=N      atomic counter
DELETE /v1/kv/KEY
POST   /v1/compact?revision=N      ends the history below N
`;

export async function serveHttp(
  request: IncomingMessage,
  response: ServerResponse,
  node: HttpNode,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://node');
    if (url.pathname.startsWith('/v1/kv/')) return await serveKey(request, response, url, node);
    if (url.pathname === '/v1/compact' && request.method === 'POST') {
      return await serveCompact(response, url, node);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return sendText(response, 405, 'this path can only be read\n');
    }
    return serveHealth(response, url, node);
  } catch (error) {
    return sendError(response, QuorateError.is(error) ? error : invalid(error));
  }
}

function serveHealth(response: ServerResponse, url: URL, node: HttpNode): void {
  const status = node.status();
  switch (url.pathname) {
    case '/':
      return sendText(response, 200, INDEX);
    case '/livez':
      return sendText(response, 200, 'ok\n');
    case '/startupz':
      return verdict(response, status.phase === 'starting' ? status.waitingFor : null);
    case '/readyz':
      return verdict(response, notReady(status, url.searchParams.get('maxLagMs')));
    case '/leader':
      return verdict(
        response,
        status.role === 'leader' ? null : `the leader is ${status.leader ?? 'unknown'}`,
      );
    case '/v1/status':
      return sendJson(response, 200, status);
    default:
      return sendText(response, 404, `no such path: ${url.pathname}; GET / lists them all\n`);
  }
}

function verdict(response: ServerResponse, refusal: string | null): void {
  if (refusal === null) sendText(response, 200, 'ok\n');
  else sendText(response, 503, `${refusal}\n`);
}

function notReady(status: NodeStatus, maxLagText: string | null): string | null {
  if (status.phase !== 'serving') return status.waitingFor;
  if (status.leader === null) return 'no leader';
  const maxLagMs = maxLagText === null ? Number.POSITIVE_INFINITY : Number(maxLagText);
  if (!(maxLagMs >= 0))
    throw new QuorateError('INVALID_ARGUMENT', `maxLagMs=${maxLagText} is not a number of ms`);
  if (status.leaderHeardMsAgo > maxLagMs) return `last heard of the leader ${status.leaderHeardMsAgo} ms ago`;
  if (status.appliedIndex < status.commitIndex) {
    return `${status.commitIndex - status.appliedIndex} entries behind`;
  }
  return null;
}

function invalid(error: unknown): QuorateError {
  const message = error instanceof URIError || error instanceof TypeError ? error.message : String(error);
  return new QuorateError('INVALID_ARGUMENT', message, { cause: error });
}
