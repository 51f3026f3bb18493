import { describe, expect, it } from 'vitest';
import { QuorateError } from '../../../src/wire/errors.ts';
import { formatEndpoint, parseEndpoint, parseEndpoints } from '../../../src/wire/endpoints.ts';
import { codeOf } from './code-of.ts';

describe('a quorate:// URL', () => {
  it.each([
    ['quorate://a:7400', ['a:7400']],
    ['quorate://a:7400,b:7410,c', ['a:7400', 'b:7410', 'c:7400']],
    ['quorate://127.0.0.1:1,127.0.0.1:65535/', ['127.0.0.1:1', '127.0.0.1:65535']],
    ['quorate://[::1]:7410,[fe80::1]', ['[::1]:7410', '[fe80::1]:7400']],
    ['quorate://n1.orders.internal , n2', ['n1.orders.internal:7400', 'n2:7400']],
  ])('%s names its endpoints', (url, expected) => {
    expect(parseEndpoints(url).map(formatEndpoint)).toEqual(expected);
  });

  it.each([
    '',
    'quorate://',
    'quorate:a:7400',
    'http://a:7400',
    'a:7400',
    'quorate://a:7400,',
    'quorate://,a',
    'quorate://a:0',
    'quorate://a:65536',
    'quorate://a:99999',
    'quorate://a:port',
    'quorate://a:',
    'quorate://::1',
    'quorate://[::1',
    'quorate://[name]:1',
    'quorate://user@a',
    'quorate://a/path',
    'quorate://a?x=1',
    'quorate://a b',
  ])('"%s" is refused', (url) => {
    expect(codeOf(() => parseEndpoints(url))).toBe('INVALID_ARGUMENT');
  });

  it('that is wrong in one part is told which, and how it should look', () => {
    let thrown: unknown;
    try {
      parseEndpoints('quorate://a:7400,b:70000');
    } catch (error) {
      thrown = error;
    }
    if (!QuorateError.is(thrown)) throw new Error('not a QuorateError');
    expect(thrown.message).toBe('"b:70000" is not an endpoint: a port is 1 to 65535');
    expect(thrown.details.hint).toBe('for example quorate://127.0.0.1:7400,127.0.0.1:7410,127.0.0.1:7420');
  });
});

describe('an endpoint', () => {
  it('has the default port that the caller names', () => {
    expect(parseEndpoint('n2', 7401)).toEqual({ host: 'n2', port: 7401 });
  });

  it('is printed so that it parses to itself', () => {
    for (const endpoint of [
      { host: '::1', port: 1 },
      { host: 'a', port: 65_535 },
    ]) {
      expect(parseEndpoint(formatEndpoint(endpoint))).toEqual(endpoint);
    }
  });
});
