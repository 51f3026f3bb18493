/** Faults that wait for a moment on a disk. Each says how to wait no longer. */
import type { DurableStep } from '../disk/index.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { Harm } from './faults.ts';

type Of<K extends Harm['kind']> = Extract<Harm, { kind: K }>;
type Unwatch = () => void;

export function crashAtStep(node: SimulatedNode, { death, steps }: Of<'crash at step'>): Unwatch {
  let left = steps;
  return watch(node, () => {
    left -= 1;
    if (left === 0) node.crash(death);
  });
}

/** `died`: its machine is to start again. */
export function crashInTruncation(
  node: SimulatedNode,
  { death, steps }: Of<'crash in truncation'>,
  died: () => void,
): Unwatch {
  let left: number | null = null;
  return watch(node, ({ isCut, moment }) => {
    if (isCut && moment === 'begins') left = steps;
    else if (left !== null) left -= 1;
    if (left !== 0) return;
    left = null;
    node.crash(death);
    died();
  });
}

export function damageAtMoment(
  node: SimulatedNode,
  moment: Of<'damage'>['moment'],
  destroy: () => void,
): Unwatch {
  return watch(node, (step) => {
    if (step.operation !== 'overwrite') return;
    // The watermark is about to be written: what it will say has been acknowledged.
    const isUnrecorded = step.moment === 'begins' && node.disk.endsInUnrecordedEntries;
    const isPromise = step.moment === 'lands' && node.disk.endsInPromise;
    if (moment === 'after a promise' ? isPromise : isUnrecorded) destroy();
  });
}

function watch(node: SimulatedNode, heed: (step: DurableStep) => void): Unwatch {
  node.watchers.add(heed);
  return () => node.watchers.delete(heed);
}
