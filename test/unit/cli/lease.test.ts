import { expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { StoreNode } from '../client/store-node.ts';
import { fakeIo } from './fake-io.ts';

async function quorate(store: StoreNode, line: string) {
  const io = fakeIo({ env: { QUORATE_ENDPOINTS: store.node.url } });
  const code = await run(line.split(' '), io);
  return { code, out: io.said.out(), err: io.said.err() };
}

test('the keys of a lease are shown as get shows them, though they be no UTF-8', async () => {
  await using store = await StoreNode.start();
  await quorate(store, 'lease grant 10s --id 7');
  const key = Uint8Array.of(0x63, 0xe9);
  const put = { type: 'put', conditions: [], returnPrevious: false, value: key, lease: 7n } as const;
  store.apply({ ...put, key: Buffer.from('a\tb') });
  store.apply({ ...put, key });
  expect((await quorate(store, 'lease show 7 -o table')).out).toMatch(/ WHICH\n7 .* a\\tb b64:Y\+k=\n$/);
  const { keys } = JSON.parse((await quorate(store, 'lease show 7 -o json')).out);
  expect(keys).toEqual(['a\tb', { b64: 'Y+k=' }]);
});

test.each(['lease grant 10s --id 0', 'lease keep-alive 0', 'put a 1 --lease 0'])(
  '%s is a mistake: no lease has the id 0',
  async (line) => {
    await using store = await StoreNode.start();
    const { code, err } = await quorate(store, line);
    expect(err).toMatch(/^error\[INVALID_ARGUMENT\]: .*not 0/);
    expect(code).toBe(2);
    expect(store.node.writes).toEqual([]);
  },
);

test('keep-alive --once renews once, in the words of renew', async () => {
  await using store = await StoreNode.start();
  await quorate(store, 'lease grant 10s --id 7');
  expect(await quorate(store, 'lease keep-alive 7 --once')).toEqual({ code: 0, out: '10000\n', err: '' });
  expect(await quorate(store, 'lease renew 7')).toEqual({ code: 0, out: '10000\n', err: '' });
  expect(await quorate(store, 'lease keep-alive 8 --once')).toMatchObject({ code: 3, out: '' });
});
