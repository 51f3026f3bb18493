/** Which of the open connections a request goes to. */
import type { Link } from './link.ts';
import { wantsLeader } from './request.ts';
import type { Millis, Request } from './request.ts';

/** Taken once for a whole round of dispatching. */
export interface Routes {
  /** In the order in which they are known; none of them leaving or suspect. */
  readonly links: readonly Link[];
  /** The connection to the leader, when it is among them. */
  readonly leader: Link | null;
}

export function routesOver(links: Iterable<Link>, leaderId: string | null, now: Millis): Routes {
  const usable = [...links].filter((link) => !link.leaving && !link.isSuspect(now));
  return { links: usable, leader: usable.find((link) => link.nodeId === leaderId) ?? null };
}

/**
 * The leader for what only it decides, else the node with the least to do: any node hands on what it cannot serve.
 * Null while nobody has room: a full leader is waited for, since its requests through others would end there too.
 */
export function route(request: Request, routes: Routes): Link | null {
  const { leader } = routes;
  if (leader !== null && wantsLeader(request.work) && leader !== request.avoid) {
    return leader.hasRoomFor(request.bytes) ? leader : null;
  }
  const roomy = routes.links.filter((link) => link.hasRoomFor(request.bytes));
  const others = roomy.filter((link) => link !== request.avoid);
  return leastBusy(others.length > 0 ? others : roomy);
}

export function hasAlternative(to: Link, routes: Routes): boolean {
  return routes.links.some((link) => link !== to);
}

function leastBusy(links: readonly Link[]): Link | null {
  let best: Link | null = null;
  for (const link of links) if (best === null || link.inFlight.size < best.inFlight.size) best = link;
  return best;
}
