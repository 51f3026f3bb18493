import { describeMessage } from '../../raft/index.ts';
import type { NodeId } from '../../raft/index.ts';
import type { Automaton, NodeState } from './automaton.ts';
import { BUDGETS, type Budget } from './bounds.ts';
import type { Happening } from './explored-node.ts';
import type { GlobalState } from './global-state.ts';

/** One thing that can happen next, to the node at place `at`. */
export interface Event {
  readonly at: number;
  readonly what: Happening;
  /** Tells this happening from all others. */
  readonly key: number;
  readonly costs: Budget | null;
  /** The message that is gone afterwards. */
  readonly takes: number | null;
}

/** Numbers for happenings that are not the arrival of a message, which goes by the message's number. */
const PERSIST = -1;
const CAMPAIGN = -2;
const HEARTBEAT = -3;
const PROPOSE = -10;
const CRASH = -20;
const REFUSED = -1_000;

/** Everything that can happen next. A message that never arrives is one whose event is never chosen. */
export function eventsOf(state: GlobalState, automaton: Automaton): Event[] {
  const events: Event[] = [];
  state.nodes.forEach((_, at) => addOwn(events, state, at));
  for (const number of state.flying) {
    const message = automaton.message(number);
    const at = state.nodes.findIndex(({ id }) => id === message.to);
    const what = { type: 'message', message } as const;
    events.push({ at, what, key: number, costs: null, takes: number });
    if (leftOf(state, 'repeats') > 0) events.push({ at, what, key: number, costs: 'repeats', takes: null });
  }
  return events;
}

function addOwn(events: Event[], state: GlobalState, at: number): void {
  const node = state.nodes[at];
  if (node === undefined) return;
  const add = (key: number, what: Happening, costs: Budget | null): void => {
    if (costs === null || leftOf(state, costs) > 0) events.push({ at, key, what, costs, takes: null });
  };
  if (node.openWrites > 0) add(PERSIST, { type: 'persist' }, null);
  for (let kept = 0; kept <= node.openWrites; kept += 1)
    add(CRASH - kept, { type: 'crash', kept }, 'crashes');
  if (node.leads) {
    const value = leftOf(state, 'proposals');
    add(PROPOSE - value, { type: 'propose', value }, 'proposals');
    add(HEARTBEAT, { type: 'heartbeat' }, 'heartbeats');
    return;
  }
  add(CAMPAIGN, { type: 'campaign' }, 'campaigns');
  state.nodes.forEach((refuser, place) => {
    if (!refusesForLog(refuser, node)) return;
    const { id: by, last: ahead } = refuser;
    add(REFUSED - (ahead.index * 100 + ahead.term) * 10 - place, { type: 'refused', by, ahead }, 'catchUps');
  });
}

function leftOf(state: GlobalState, budget: Budget): number {
  return state.left[BUDGETS.indexOf(budget)] ?? 0;
}

function refusesForLog(refuser: NodeState, node: NodeState): boolean {
  if (refuser.leads || refuser.id === node.id || refuser.term !== node.term) return false;
  const [theirs, ours] = [refuser.last, node.last];
  return theirs.term === ours.term ? theirs.index > ours.index : theirs.term > ours.term;
}

export function tellEvent(id: NodeId, { what, takes }: Event): string {
  switch (what.type) {
    case 'message':
      return `${describeMessage(what.message)}${takes === null ? ' (and will again)' : ''}`;
    case 'crash':
      return `${id} crashes with ${what.kept} of its open writes on disk, and starts again`;
    case 'refused':
      return `${id}, alone for two rounds, is refused for its log by ${what.by}`;
    case 'propose':
      return `${id} is given entry ${what.value}`;
    case 'persist':
      return `${id} has its oldest open write on disk`;
    case 'campaign':
      return `${id} campaigns`;
    case 'heartbeat':
      return `${id} has led for another heartbeat`;
  }
}
