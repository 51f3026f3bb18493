/** Who hears whom, as a graph of one-way links that work: `A>B` is there when B hears A. */
export type Links = ReadonlySet<string>;

export function link(from: string, to: string): string {
  return `${from}>${to}`;
}

/** Everybody hears everybody. In a fixed order, so that a number can stand for a graph. */
export function allLinks(names: readonly string[]): Links {
  return new Set(names.flatMap((from) => names.filter((to) => to !== from).map((to) => link(from, to))));
}

/** The links whose bit is set, by their place in `allLinks`. */
export function linksByBits(names: readonly string[], bits: number): Links {
  return new Set([...allLinks(names)].filter((_, place) => ((bits >> place) & 1) === 1));
}

/** Everybody speaks with the hub, and nobody with anybody else. */
export function star(names: readonly string[], hub: string): Links {
  return new Set(names.flatMap((name) => (name === hub ? [] : [link(hub, name), link(name, hub)])));
}

/** Somebody speaks with a majority both ways, itself included: then the cluster can have a leader. */
export function hasHub(names: readonly string[], links: Links): boolean {
  return names.some((hub) => {
    const both = names.filter((peer) => links.has(link(hub, peer)) && links.has(link(peer, hub)));
    return (both.length + 1) * 2 > names.length;
  });
}
