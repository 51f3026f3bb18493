import { expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { StoreNode } from '../client/store-node.ts';
import { fakeIo } from './fake-io.ts';

async function quorate(store: StoreNode, line: string, input = '') {
  const io = fakeIo({ input, env: { QUORATE_ENDPOINTS: store.node.url } });
  const code = await run(line.split(' '), io);
  return { code, out: io.said.out(), err: io.said.err() };
}

test('txn takes JSON from standard input and gives a result for each step', async () => {
  await using store = await StoreNode.start();
  const txn = {
    when: [{ key: 'owner', version: 0 }],
    do: [
      { put: 'owner', value: { b64: '/w==' } },
      { increment: 'taken', by: '9007199254740993' },
    ],
    otherwise: [{ get: 'owner' }, { count: { prefix: '' } }],
  };
  const first = await quorate(store, 'txn -o json', JSON.stringify(txn));
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(first.out)).toEqual({
    succeeded: true,
    revision: 2,
    results: [{ revision: 2 }, { value: '9007199254740993', revision: 2 }],
  });
  const second = await quorate(store, 'txn -o json', JSON.stringify(txn));
  expect(JSON.parse(second.out)).toMatchObject({
    succeeded: false,
    results: [{ key: 'owner', value: { b64: '/w==' }, modRevision: 2 }, 2],
  });
  expect(second.code).toBe(0);
  const table = await quorate(store, 'txn -o table', JSON.stringify(txn));
  expect(table.out).toMatch(
    /^STEP +RESULT\notherwise\[0\] +\{"key":"owner".*\notherwise\[1\] +2 *\notherwise +revision 2/,
  );
});

test('compares that do not hold, with nothing to do otherwise, are a conflict; flaws are usage errors', async () => {
  await using store = await StoreNode.start();
  const conflict = await quorate(
    store,
    'txn',
    '{"when":[{"key":"a","version":1}],"do":[{"put":"a","value":"x"}]}',
  );
  expect(conflict.code).toBe(4);
  expect(JSON.parse(conflict.out)).toEqual({ succeeded: false, revision: 1, results: [] });
  expect(conflict.err).toMatch(/^error\[CONFLICT\]: a compare does not hold/);
  for (const [input, code] of [
    ['{"do":[{"put":"a","value":"x"},{"put":"a","value":"y"}]}', 'DUPLICATE_KEY'],
    ['{"do":[{"put":"a","value":5}]}', 'INVALID_ARGUMENT'],
    ['{"do":[{"increment":"a","by":"much"}]}', 'INVALID_ARGUMENT'],
    ['[]', 'INVALID_ARGUMENT'],
    ['nothing', 'INVALID_ARGUMENT'],
  ] as const) {
    const refused = await quorate(store, 'txn', input);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain(`error[${code}]`);
  }
  expect((await quorate(store, 'txn /nowhere.json')).err).toContain('the transaction cannot be read');
  expect(store.revision).toBe(1);
});

test('get, scan and --count read the past, until it is compacted', async () => {
  await using store = await StoreNode.start();
  store.put('a', 'one');
  store.put('a', 'two');
  store.put('b', 'x');
  expect(await quorate(store, 'get a --revision 2 -o raw')).toEqual({ code: 0, out: 'one', err: '' });
  expect((await quorate(store, 'scan --revision 3 -o raw')).out).toBe('a\ttwo\n');
  expect((await quorate(store, 'scan --revision 3 --count')).out).toBe('1\n');
  expect((await quorate(store, 'compact 3 -o json')).out).toBe('{"floor":3,"revision":4}\n');
  const gone = await quorate(store, 'get a --revision 2');
  expect(gone.err).toMatch(/^error\[COMPACTED\]: history begins at revision 3\nhint: /);
  expect(gone.code).toBe(1);
  expect((await quorate(store, 'get a --revision 9')).err).toContain('error[FUTURE_REVISION]');
  expect((await quorate(store, 'compact 0')).code).toBe(2);
});

test('txn --help shows how to write one', async () => {
  await using store = await StoreNode.start();
  const { out } = await quorate(store, 'txn --help');
  expect(out).toContain('"otherwise": [{"get": "jobs/7/owner"}]');
});
