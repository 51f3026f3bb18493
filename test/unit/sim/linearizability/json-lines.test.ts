import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  checkBlackBox,
  MalformedHistory,
  readLines,
  writeLine,
} from '../../../../src/sim/linearizability/index.ts';
import { anyExecution, recordedLeaseExecution } from '../../../support/histories/execution.ts';

/** As somebody writes it who knows neither revisions nor versions. */
const write = (callId: number, value: string): string =>
  `{"client":"a","callId":${callId},"callMs":${callId},"returnMs":${callId + 0.5},"type":"write",` +
  `"operation":{"type":"put","key":"x","value":"${value}"},"outcome":{"type":"ok","output":{"type":"put"}}}`;
const read = (value: string): string =>
  '{"client":"b","callId":9,"callMs":9,"returnMs":9.5,"type":"read","query":{"type":"get","keys":["x"]},' +
  `"outcome":{"type":"ok","output":{"result":{"type":"get","records":[{"key":"x","value":"${value}"}]}}}}`;

const leased = (lease: string): string =>
  '{"client":"a","callId":1,"callMs":0,"returnMs":1,"type":"write",' +
  `"operation":{"type":"put","key":"x","value":"1","lease":"${lease}"},"outcome":{"type":"ok","output":` +
  '{"type":"failure","failure":{"code":"LEASE_NOT_FOUND","lease":"7"}}}}';

describe('a history as JSON lines', () => {
  it.each([
    ['operations on keys', anyExecution(20)],
    ['leases', recordedLeaseExecution(20)],
  ])('comes back as it was written: %s', (_what, executions) => {
    fc.assert(
      fc.property(executions, ({ history }) => {
        expect(readLines(history.map(writeLine).join('\n'))).toEqual(history);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps keys that are not UTF-8', () => {
    const [get] = readLines(
      '{"client":"a","callId":1,"callMs":0,"returnMs":1,"type":"read","query":{"type":"get","keys":[{"base64":"/w=="}]},"outcome":{"type":"failed"}}',
    );
    expect(get).toMatchObject({ query: { keys: [Uint8Array.of(0xff)] } });
    expect(get === undefined ? '' : writeLine(get)).toContain('"keys":[{"base64":"/w=="}]');
  });

  it('keeps the lease that a key is put with, or keeps, and that there was none', () => {
    const [hung] = readLines(leased('-7'));
    expect(hung).toMatchObject({
      operation: { lease: -7n },
      outcome: { output: { failure: { code: 'LEASE_NOT_FOUND', lease: 7n } } },
    });
    expect(hung === undefined ? '' : writeLine(hung)).toContain('"lease":"-7"');
    expect(readLines(leased('keep'))).toMatchObject([{ operation: { lease: 'keep' } }]);
    expect(() => readLines(leased('for ever'))).toThrow(MalformedHistory);
  });

  it('from elsewhere may leave out what its store does not know, and is judged without it', () => {
    const writes = [write(1, 'one'), write(2, 'two')];

    expect(checkBlackBox(readLines([...writes, read('two'), ''].join('\n'))).type).toBe('legal');
    expect(checkBlackBox(readLines([...writes, read('one'), ''].join('\n'))).type).toBe('illegal');
  });

  it.each([
    ['{"client":"a"', /^line 2: /u],
    ['[]', 'line 2: the line is not an object'],
    [
      '{"type":"erase","client":"a","callId":1,"callMs":0,"returnMs":1}',
      'line 2: .type is not one of write, read',
    ],
    [
      '{"type":"write","client":"a","callId":1,"callMs":0,"returnMs":null,"operation":{"type":"put","key":"x"},"outcome":{"type":"unknown"}}',
      'line 2: operation.value is not an object',
    ],
  ])('%s is refused, by line and place', (line, message) => {
    expect(() => readLines(`\n${line}`)).toThrow(MalformedHistory);
    expect(() => readLines(`\n${line}`)).toThrow(message);
  });
});
