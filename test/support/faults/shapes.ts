/** Who hears whom, for the words that shape the whole network. Pure: both kinds of clusters draw from here. */

export type Hears = (to: string, from: string) => boolean;

type Ids = readonly string[];

/** Groups may overlap: whoever shares one hears each other. */
export function partitioned(groups: readonly Ids[]): Hears {
  return (to, from) => groups.some((group) => group.includes(to) && group.includes(from));
}

/** Two halves of the others, and one node that hears and is heard by all. */
export function bridged(ids: Ids, bridge: string): Hears {
  const others = ids.filter((id) => id !== bridge);
  const half = Math.floor(others.length / 2);
  return partitioned([
    [...others.slice(0, half), bridge],
    [bridge, ...others.slice(half)],
  ]);
}

export function inRing(ids: Ids): Hears {
  if (ids.length < 4) throw new Error(`a ring of ${ids.length} is no fault: everybody hears everybody`);
  return (to, from) => {
    const apart = Math.abs(ids.indexOf(to) - ids.indexOf(from));
    return apart === 1 || apart === ids.length - 1;
  };
}

export function inChain(order: Ids): Hears {
  return partitioned(order.slice(1).map((id, place) => [order[place] ?? id, id]));
}
