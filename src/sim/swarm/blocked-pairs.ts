/** Who does not hear whom while a fault lasts, as directed pairs of hosts. */
import type { DirectedPair, Host, LatePair } from '../network/weather.ts';
import type { Harm } from './faults.ts';

export interface Hosts {
  readonly nodes: readonly Host[];
  readonly clients: readonly Host[];
}

/** Both ways between every one of these and every one of those. */
export function between(these: readonly Host[], those: readonly Host[]): readonly DirectedPair[] {
  return these.flatMap((a) =>
    those.flatMap((b) => [
      { from: a, to: b },
      { from: b, to: a },
    ]),
  );
}

export function isolation(self: Host, way: 'both' | 'in' | 'out', { nodes }: Hosts): readonly DirectedPair[] {
  const others = nodes.filter((node) => node !== self);
  const inward = others.map((from) => ({ from, to: self }));
  const outward = others.map((to) => ({ from: self, to }));
  if (way === 'in') return inward;
  return way === 'out' ? outward : [...inward, ...outward];
}

/** Each hears the one before and the one behind it. */
export function allButRing({ nodes }: Hosts): readonly DirectedPair[] {
  return nodes.flatMap((from, i) =>
    nodes.flatMap((to, j) => {
      const distance = Math.abs(i - j);
      const isNeighbour = distance === 1 || distance === nodes.length - 1;
      return i === j || isNeighbour ? [] : [{ from, to }];
    }),
  );
}

/** A node and so many others on one side, the rest on the other. */
export function minority(self: Host, companions: number, { nodes }: Hosts): readonly DirectedPair[] {
  const others = nodes.filter((node) => node !== self);
  return between([self, ...others.slice(0, companions)], others.slice(companions));
}

export function directedPairs(
  pairs: readonly (readonly [number, number])[],
  { nodes }: Hosts,
): readonly DirectedPair[] {
  return pairs.map(([from, to]) => ({ from: nodes[from] ?? '', to: nodes[to] ?? '' }));
}

/** `self`: of the node that it befalls. */
export function latePairs(harm: Harm, self: Host, sinceMs: number, hosts: Hosts): readonly LatePair[] {
  if (harm.kind === 'slow links') {
    return slowLinks(harm, hosts).map((pair) => ({ ...pair, lateMs: harm.lateMs, sinceMs }));
  }
  if (harm.kind !== 'late farewell') return [];
  const hearers = hosts.nodes.filter((host, i) => host !== self && harm.group.includes(i));
  return hearers.map((to) => ({ from: self, to, lateMs: harm.lateMs, sinceMs }));
}

/** Of nodes; with clients too, what the client of that number asks is as late as what the node of that number says. */
function slowLinks(harm: Extract<Harm, { kind: 'slow links' }>, hosts: Hosts): readonly DirectedPair[] {
  const { clients, nodes } = hosts;
  const ofNodes = directedPairs(harm.pairs, hosts);
  const asked = harm.clientsToo ? harm.pairs : [];
  const ofClients = asked.flatMap(([from, to]): DirectedPair[] => {
    const [client, node] = [clients[from], nodes[to]];
    return client === undefined || node === undefined ? [] : [{ from: client, to: node }];
  });
  return [...ofNodes, ...ofClients];
}
