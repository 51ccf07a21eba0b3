import { expect, it } from 'vitest';
import { nullRecorder } from '../../src/client/nullRecorder.ts';
import { createRecorder } from '../../src/client/recorder.ts';

it('has every method of a recorder, and drops what they are given without a look at it', async () => {
  const { proxy: unreadable, revoke } = Proxy.revocable({}, {});
  revoke();
  const real = createRecorder({ record: () => Promise.reject(new Error('not to be called')) });
  expect(Object.keys(nullRecorder)).toEqual(Object.keys(real));
  expect(await nullRecorder.createRun('r', 'ns', unreadable)).toEqual({ changed: false });
  expect(await nullRecorder.failNodeAndFinishRun('missing', 'label', unreadable)).toEqual({ changed: false });
  expect(await nullRecorder.recordEvents([{ type: 'runFinished', runId: 'missing', status: 'failed' }])).toEqual({
    changed: false,
  });
});
