/** Splits a list, in order, into groups of at most `bytesMax` (or of one item that alone exceeds it). */
export function groupByBytes<T>(items: readonly T[], bytesOf: (item: T) => number, bytesMax: number): T[][] {
  const groups: T[][] = [];
  let group: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (group.length > 0 && bytes + size > bytesMax) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(item);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
