import { expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { StoreNode } from '../client/store-node.ts';
import { fakeIo } from './fake-io.ts';

async function quorate(store: StoreNode, line: string) {
  const io = fakeIo({ env: { QUORATE_ENDPOINTS: store.node.url } });
  const code = await run(line.split(' '), io);
  return { code, out: io.said.out(), err: io.said.err() };
}

/** A command whose answer is lost; gives the operation that its hint names. */
async function unheard(store: StoreNode, line: string): Promise<string> {
  store.answers = ({ type }) => type !== 'put';
  const lost = await quorate(store, `${line} --timeout 800ms`);
  store.answers = () => true;
  expect(lost.code).toBe(6);
  expect(lost.err).toContain('it is not known whether this took effect');
  return /quorate resolve (\d+\/\d+)/.exec(lost.err)?.[1] ?? '';
}

test('a write of unknown outcome names the command that tells, from another process too', async () => {
  await using store = await StoreNode.start();
  const operation = await unheard(store, 'put a 1');
  const told = await quorate(store, `resolve ${operation} -o json`);
  expect(told).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(told.out)).toEqual({ outcome: 'applied', revision: 2 });
});

test('one that did not take effect never will: exit code 4, with the reason if it was refused', async () => {
  await using store = await StoreNode.start();
  await quorate(store, 'put a 1');
  const operation = await unheard(store, 'put a 2 --if-absent');
  const refused = await quorate(store, `resolve ${operation}`);
  expect(refused).toMatchObject({ code: 4, out: '' });
  expect(refused.err).toContain('never will: the condition does not hold');
  const [session] = operation.split('/');
  const never = await quorate(store, `resolve ${session}/7`);
  expect(never).toMatchObject({ code: 4, out: '' });
  expect(never.err).toContain('error[RESOLVED_NEVER]');
  expect(await quorate(store, 'resolve nonsense')).toMatchObject({ code: 2 });
});
