/** Who hears whom, for the words that shape the whole network. Pure: both kinds of clusters draw from here. */

export type Hears = (to: string, from: string) => boolean;

type Ids = readonly string[];

export function partitioned(groups: readonly Ids[]): Hears {
  const groupOf = new Map(groups.flatMap((group, number) => group.map((id) => [id, number])));
  return (to, from) => groupOf.has(to) && groupOf.get(to) === groupOf.get(from);
}

/** Two halves of the others, and one node that hears and is heard by all. */
export function bridged(ids: Ids, bridge: string): Hears {
  const others = ids.filter((id) => id !== bridge);
  const half = Math.floor(others.length / 2);
  const apart = partitioned([others.slice(0, half), others.slice(half)]);
  return (to, from) => to === bridge || from === bridge || apart(to, from);
}

export function inRing(ids: Ids): Hears {
  if (ids.length < 4) throw new Error(`a ring of ${ids.length} is no fault: everybody hears everybody`);
  return (to, from) => {
    const apart = Math.abs(ids.indexOf(to) - ids.indexOf(from));
    return apart === 1 || apart === ids.length - 1;
  };
}

export function inChain(order: Ids): Hears {
  return (to, from) =>
    order.includes(to) && order.includes(from) && Math.abs(order.indexOf(to) - order.indexOf(from)) === 1;
}
