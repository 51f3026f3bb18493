import type { Core, Leader } from './core.ts';
import { stepDownQuietly } from './leader.ts';
import { isVoter } from './quorum.ts';
import { stuckAt } from './timing.ts';
import type { Millis, NodeId, Ref } from './types.ts';

/** Thesis §3.10. Proposals are refused while it lasts; it lasts an election timeout at most. */
export function transfer(core: Core, ref: Ref, to: NodeId | null, now: Millis): void {
  const { role } = core;
  if (role.kind !== 'leader') return settle(core, [ref], false);
  const target = to ?? bestSuccessor(core, role, now);
  if (target === core.id) return settle(core, [ref], true);
  if (target === null || !role.peers.has(target) || !isVoter(core.log.membership, target)) {
    return settle(core, [ref], false);
  }
  if (core.handover?.to === target) {
    core.handover.refs.push(ref);
    return;
  }
  // A second wish supersedes the first (edge case E31).
  if (core.handover !== null) endHandover(core, false);
  begin(core, target, [ref], now);
}

function begin(core: Core, to: NodeId, refs: Ref[], now: Millis): void {
  core.handover = { to, refs, deadline: now + core.options.electionTimeoutMaxMs, askedAt: -Infinity };
}

/** The most caught-up voter that answered lately; of equals the first by id. */
function bestSuccessor(core: Core, leader: Leader, now: Millis): NodeId | null {
  let best: NodeId | null = null;
  let bestMatch = -1;
  for (const peer of leader.peers.values()) {
    const active =
      isVoter(core.log.membership, peer.id) &&
      !core.linksDown.has(peer.id) &&
      now - peer.contactAt < core.options.electionTimeoutMinMs;
    if (!active || peer.match <= bestMatch) continue;
    best = peer.id;
    bestMatch = peer.match;
  }
  return best;
}

/** At drain: the target has everything, so it may start; asked again each heartbeat in case the word was lost. */
export function offerLeadership(core: Core, now: Millis): void {
  const { role, handover } = core;
  if (role.kind !== 'leader' || handover === null) return;
  if (role.peers.get(handover.to)?.match !== core.log.lastIndex) return;
  if (now - handover.askedAt < core.options.heartbeatMs) return;
  handover.askedAt = now;
  core.outbox.push({
    type: 'timeoutNow',
    from: core.id,
    to: handover.to,
    term: core.term,
    last: core.log.last,
  });
}

/** Before and after each step: it ended well only when the target is seen to lead. */
export function watchHandover(core: Core, now: Millis): void {
  const { handover } = core;
  if (handover === null) return;
  if (core.role.kind !== 'leader' && core.leader !== null) endHandover(core, core.leader === handover.to);
  else if (now >= handover.deadline) endHandover(core, false);
}

function endHandover(core: Core, ok: boolean): void {
  const refs = core.handover?.refs ?? [];
  core.handover = null;
  settle(core, refs, ok);
}

function settle(core: Core, refs: readonly Ref[], ok: boolean): void {
  for (const ref of refs) core.settled.push({ type: 'transferred', ref, ok });
}

/**
 * A gray leader sends heartbeats but gets nothing done: its disk, or the commit of its oldest entry, is stuck. It
 * hands over; if nobody takes it, it steps down and stays quiet for a while (edge case I63).
 */
export function abdicateWhenStuck(core: Core, leader: Leader, now: Millis): void {
  if (now < stuckAt(core, leader)) {
    leader.abdicating = false;
    return;
  }
  if (core.handover !== null) return;
  const successor = leader.abdicating ? null : bestSuccessor(core, leader, now);
  if (successor === null) return stepDownQuietly(core, now);
  leader.abdicating = true;
  begin(core, successor, [], now);
}
