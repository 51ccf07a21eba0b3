import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { GatheredLines } from '../../src/server/gatheredLines.ts';

it('Lines that come together are written together, in order, and at the latest when the process ends', async () => {
  const written: string[] = [];
  const listeners = process.listenerCount('exit');
  const lines = new GatheredLines((text) => written.push(text));
  lines.write('one\n');
  lines.write('two\n');
  expect(written).toEqual([]);
  await wait(50);
  expect(written).toEqual(['one\ntwo\n']);
  lines.write('three\n');
  for (const end of process.listeners('exit').slice(listeners)) end.call(process, 0);
  expect(written).toEqual(['one\ntwo\n', 'three\n']);
  await wait(50);
  expect(written).toHaveLength(2);
  expect(process.listenerCount('exit')).toBe(listeners);
});
