/**
 * Histories as drawings. A line is a client, a column is a millisecond, brackets are intervals; `[ … )` is an
 * operation of unknown outcome, which never ended.
 *
 *     a    [put x=1 @2]    [get x=2 @3]            x is 1 from revision 2 on
 *     b           [put x=2 @3]      [put x=3 …)
 *     log  put x=1; put x=2
 *
 *   put x=1 @2                            put x=1 if absent ! 0 @3     refused: there is x=0
 *   put x=1 prev 0 @3                     if present, if rev 2, if ver 1
 *   del x 1 @4       del a..z 2 @4        one deleted, two deleted
 *   inc x+1 =5 @2                         inc x+1 ! text @2   inc x+1 ! full 7 @2
 *   get x=1 y=none @3                     get x=1:v2          version 2; :r5 revision 5, :c3 created at 3
 *   scan a..z a=1 b=2 @3                  scan a..z limit 1 reverse b=2 more @3
 *   count a..z 2 @3                       local x=1 @2        asks for `local`; weak x=1 @2 got it unasked
 *   min 4 get x=1 @3                      as of 2 get x=1 @3  as of 2 get x ! compacted 3 @5
 *   put x=1 on 7 @2   put x=2 keep @3     hangs on lease 7, keeps the lease it has; get x=1:l7
 *   put x=1 on 7 ! gone @2                there is no lease 7
 *   grant 7 @1   revoke 7 2 @4   renew 7 lives @4   revoke 7 ! gone @4   renew 7 gone @4
 *   put x=1 failed                        certainly not applied
 *   compact 3 @5                          floor 3
 *
 * What is not stated (no @, no :v) is UNSTATED. Entries of a log have one request each, indices from 1 and term 1;
 * `7/2 put x=1` is at index 7 in term 2. A lease lives for 1 ms, which is an entry; `expire 7` ends it.
 */
import type {
  ClientOperation,
  CommittedEntry,
  CommittedLog,
  History,
} from '../../../src/sim/linearizability/index.ts';
import { parseOperation, parseWrite } from './operation-notation.ts';

export interface Drawing {
  readonly history: History;
  /** null where none is drawn. */
  readonly log: CommittedLog | null;
}

const INTERVAL = /\[([^\])]*)([\])])/gu;
const ENTRY = /^(?:(\d+)\/(\d+) )?(.*)$/u;

export function parseDrawing(drawing: string): Drawing {
  const history: ClientOperation[] = [];
  let log: CommittedLog | null = null;
  for (const line of drawing.split('\n')) {
    const [, name = '', rest = ''] = /^\s*(\w+)\s+(.*)$/u.exec(line) ?? [];
    if (name === 'log') log = parseLog(rest);
    else if (name !== '') history.push(...parseClient(name, line, history.length));
  }
  return { history, log };
}

function parseClient(client: string, line: string, operationsBefore: number): ClientOperation[] {
  return [...line.matchAll(INTERVAL)].map((drawn, at) => {
    const [all, text = '', close = ''] = drawn;
    const callMs = drawn.index;
    const ended = close === ']';
    const returnMs = ended ? callMs + all.length - 1 : Infinity;
    const interval = { client, callId: operationsBefore + at + 1, callMs, returnMs };
    return parseOperation(interval, text.replace('…', '').trim(), ended);
  });
}

function parseLog(text: string): CommittedEntry[] {
  const entries = text.split(';').map((entry) => entry.trim());
  return entries.filter(Boolean).map((entry, at) => {
    const [, index, term, write = ''] = ENTRY.exec(entry) ?? [];
    const operation = parseWrite(write);
    const request = {
      session: 0n,
      sequence: 0,
      acknowledgedThrough: 0,
      user: '',
      authRevision: 0,
      operation,
    };
    return {
      index: Number(index ?? at + 1),
      term: Number(term ?? 1),
      clusterTimeMs: at,
      requests: [request],
    };
  });
}
