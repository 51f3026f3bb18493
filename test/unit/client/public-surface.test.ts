import { expect, expectTypeOf, test } from 'vitest';

import * as sdk from '../../../src/client/index.ts';
import * as browserSdk from '../../../src/client/index.browser.ts';
import type { ConnectOptions, Db, Entry, PutResult, ReadResult } from '../../../src/client/index.ts';

/** Arguments that a call must, or must not, take; the compiler is the test. */
type Takes<Call extends keyof Db> = Db[Call] extends (...args: infer Arguments) => unknown
  ? Arguments
  : never;

test('the SDK exports the same names on both platforms', () => {
  expect(Object.keys(sdk).toSorted()).toEqual(['QuorateError', 'connect']);
  expect(Object.keys(browserSdk).toSorted()).toEqual(['QuorateError', 'connect']);
});

test('no object of the SDK has a method named then, which would make it a promise', async () => {
  const db = await sdk.connect('quorate://127.0.0.1:1', { lazy: true });
  for (const each of [db, db.status(), db.scan({ prefix: '' })]) expect('then' in each).toBe(false);
  await db.close();
});

test('keys and values are text or bytes', () => {
  expectTypeOf<[string, string]>().toExtend<Takes<'put'>>();
  expectTypeOf<[Uint8Array, Uint8Array]>().toExtend<Takes<'put'>>();
  expectTypeOf<[number, string]>().not.toExtend<Takes<'put'>>();
  expectTypeOf<[string, object]>().not.toExtend<Takes<'put'>>();
  expectTypeOf<[string]>().not.toExtend<Takes<'put'>>();
});

test('options are checked by name and type', () => {
  expectTypeOf<[string, string, { ifAbsent: true; timeoutMs: 5 }]>().toExtend<Takes<'put'>>();
  expectTypeOf<[string, string, { ifRevision: number }]>().toExtend<Takes<'put'>>();
  expectTypeOf<[string, string, { ifRevision: undefined }]>().not.toExtend<Takes<'put'>>();
  expectTypeOf<[string, string, { ifRevision: string }]>().not.toExtend<Takes<'put'>>();
  expectTypeOf<[string, string, { ifRevison: number }]>().not.toExtend<Takes<'put'>>();
  expectTypeOf<[string, { level: 'local'; minRevision: 3 }]>().toExtend<Takes<'get'>>();
  expectTypeOf<[string, { level: 'stale' }]>().not.toExtend<Takes<'get'>>();
  expectTypeOf<{ timeoutMS: number }>().not.toExtend<ConnectOptions>();
});

test('a range is a prefix, or a start with or without an end', () => {
  expectTypeOf<[{ prefix: string }]>().toExtend<Takes<'scan'>>();
  expectTypeOf<[{ start: Uint8Array; end: string }]>().toExtend<Takes<'scan'>>();
  expectTypeOf<[{ start: string }]>().toExtend<Takes<'delete'>>();
  expectTypeOf<[string]>().toExtend<Takes<'delete'>>();
  expectTypeOf<[string]>().not.toExtend<Takes<'scan'>>();
  expectTypeOf<[{ end: string }]>().not.toExtend<Takes<'delete'>>();
});

test('counters are bigints', () => {
  expectTypeOf<[string, bigint]>().toExtend<Takes<'increment'>>();
  expectTypeOf<[string]>().toExtend<Takes<'increment'>>();
  expectTypeOf<[string, number]>().not.toExtend<Takes<'increment'>>();
  expectTypeOf<Awaited<ReturnType<Db['increment']>>['value']>().toEqualTypeOf<bigint>();
});

test('what is absent is undefined, never null', () => {
  expectTypeOf<Awaited<ReturnType<Db['get']>>>().toEqualTypeOf<Entry | undefined>();
  expectTypeOf<Awaited<ReturnType<Db['getMany']>>>().toEqualTypeOf<readonly (Entry | undefined)[]>();
  expectTypeOf<PutResult['previous']>().toEqualTypeOf<Entry | undefined>();
  expectTypeOf<ReadResult['ageMs']>().toEqualTypeOf<number | undefined>();
});

test('an entry is what it is: nothing in it can be assigned', () => {
  expectTypeOf<Entry['key']>().toEqualTypeOf<string>();
  expectTypeOf<Entry['value']>().toEqualTypeOf<Uint8Array>();
  expectTypeOf<Entry>().toHaveProperty('text').returns.toEqualTypeOf<string>();
  expectTypeOf<Db>().toExtend<AsyncDisposable>();
  expectTypeOf<ReturnType<Db['scan']>>().toEqualTypeOf<AsyncIterable<Entry>>();
});
