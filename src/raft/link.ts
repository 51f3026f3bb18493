import type { Core } from './core.ts';
import { scheduleHint } from './timing.ts';
import type { Millis, NodeId } from './types.ts';

/**
 * The transport noticed something. It only makes an election or a probe earlier; it never decides one.
 *
 * A follower whose link to the leader closes asks for an election within a heartbeat instead of waiting for the
 * timeout; hearing the leader on an open link cancels that. A leader whose link to a peer opens asks at once what
 * was lost with the old one.
 */
export function onLink(core: Core, peer: NodeId, up: boolean, now: Millis): void {
  if (up) {
    core.linksDown.delete(peer);
    if (core.role.kind !== 'leader') return;
    const progress = core.role.peers.get(peer);
    progress?.probe(progress.match + 1);
    return;
  }
  if (core.linksDown.has(peer)) return;
  core.linksDown.add(peer);
  if (core.role.kind === 'follower' && core.leader === peer) scheduleHint(core, 0, now);
}
