import { able, unable } from './vocabulary.ts';
import type { Capabilities, Capability } from './vocabulary.ts';

/** `machine`: able, or why the machine below a process cannot be made to fail. */
export function processCapabilities(machine: Capability): Capabilities {
  return {
    isolate: able,
    partition: able,
    oneWay: able,
    bridge: able,
    ring: able,
    chain: able,
    flap: able,
    lose: able,
    throttle: able,
    delay: able,
    halfOpen: able,
    cut: able,
    loseReplies: able,
    pause: able,
    resume: able,
    busyLoop: able,
    kill9: able,
    stop: able,
    restart: able,
    wipe: able,
    clockJump: machine,
    clockDrift: machine,
    crashAtSync: machine,
    failSync: machine,
    lieAboutSync: machine,
    stallSync: machine,
    powerCut: machine,
    fillDisk: unable('processes share the disk of this machine'),
  };
}
