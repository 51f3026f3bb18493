export type { ProcessEnd } from './crash.ts';
export type { Damage } from './damage.ts';
export {
  type DiskFaults,
  FAULT_KINDS,
  type FaultCounts,
  type FaultKind,
  SOUND_DISK,
  type Span,
} from './faults.ts';
export type { DiskImage } from './image.ts';
export type { DurableStep, ProcessDisk } from './process-disk.ts';
export { SimulatedDisk } from './simulated-disk.ts';
