import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorText } from '../../src/client/errorText.ts';

describe('errorText', () => {
  it('is the whole stack of an error', () => {
    const error = new TypeError('no such column');
    expect(errorText(error)).toBe(error.stack);
    expect(errorText(error)).toMatch(/^TypeError: no such column\n {4}at .*errorText\.test\.ts/);
  });

  it('adds the stacks of all causes', () => {
    const root = new Error('connection reset');
    const middle = new Error('query failed', { cause: root });
    const outer = new Error('node failed', { cause: middle });
    expect(errorText(outer)).toBe(`${outer.stack}\n\nCaused by: ${middle.stack}\n\nCaused by: ${root.stack}`);
    expect(errorText(new Error('x', { cause: { code: 7 } }))).toMatch(/\n\nCaused by: {"code":7}$/);
  });

  it('adds the errors that an error gathers, each with its causes', () => {
    const inner = new Error('inner');
    const first = new Error('first', { cause: inner });
    const all = new AggregateError([first, 'second'], 'two failed');
    expect(errorText(all)).toBe(
      [all.stack, `Error 1 of 2: ${first.stack}`, `Caused by: ${inner.stack}`, 'Error 2 of 2: second'].join('\n\n'),
    );
  });

  it('tells each error once, so that circles end', () => {
    const one: Error & { cause?: unknown } = new Error('one');
    const two = new Error('two', { cause: one });
    one.cause = two;
    expect(errorText(one)).toBe(`${one.stack}\n\nCaused by: ${two.stack}`);
  });

  it('shows a message that was set after the error was made', () => {
    const error = new Error('before');
    const { stack } = error;
    error.message = 'after';
    expect(errorText(error)).toBe(`Error: after\n${stack}`);
  });

  it('takes whatever was thrown', () => {
    expect(errorText('just text')).toBe('just text');
    expect(errorText(undefined)).toBe('undefined');
    expect(errorText(null)).toBe('null');
    expect(errorText(Symbol('s'))).toBe('Symbol(s)');
    expect(errorText({ status: 500 })).toBe('{"status":500}');
    expect(errorText(runInNewContext('new RangeError("far")'))).toMatch(/^RangeError: far\n/);
    const bare = new Error('no stack');
    delete bare.stack;
    expect(errorText(bare)).toBe('Error: no stack');
  });

  it('survives errors that cannot be read', () => {
    const hostile = Object.defineProperty(new Error('x'), 'stack', {
      get() {
        throw new Error('no stack for you');
      },
    });
    expect(errorText(hostile)).toBe('[unreadable: Error: no stack for you]');
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    expect(errorText(proxy)).toMatch(/^\[unreadable: TypeError: .*revoked\]$/);
  });

  it('ends, however many errors or characters there are', () => {
    let chain = new Error('root');
    for (let depth = 0; depth < 10_000; depth++) chain = new Error(`level ${depth}`, { cause: chain });
    expect(errorText(chain).match(/Caused by/g)).toHaveLength(49);
    const long = errorText(new Error('x'.repeat(2 ** 21)));
    expect(long).toMatch(/\n\(and \d+ more characters\)$/);
    expect(long.length).toBeLessThan(2 ** 20 + 50);
  });

  it('is well-formed text for anything', () => {
    expect(errorText('half a pair: \ud83d')).toBe('half a pair: \ufffd');
    fc.assert(
      fc.property(fc.anything({ stringUnit: 'binary' }), fc.boolean(), (value, asCause) => {
        expect(errorText(asCause ? new Error('x', { cause: value }) : value).isWellFormed()).toBe(true);
      }),
    );
  });
});
