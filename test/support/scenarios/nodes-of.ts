import type { FaultNode } from '../faults/vocabulary.ts';

/** As many nodes as asked for, so that each has a name without a check. */
export type NodesOf<Count extends number> = Count extends 1
  ? readonly [FaultNode]
  : Count extends 2
    ? readonly [FaultNode, FaultNode]
    : Count extends 4
      ? readonly [FaultNode, FaultNode, FaultNode, FaultNode]
      : Count extends 5
        ? readonly [FaultNode, FaultNode, FaultNode, FaultNode, FaultNode]
        : readonly FaultNode[];
