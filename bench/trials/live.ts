import { follow } from '../live/follow.ts';
import { goals } from '../live/goals.ts';
import { poll } from '../live/poll.ts';
import { silence } from '../live/silence.ts';
import { WRITERS } from '../live/site.ts';
import type { Section } from '../section.ts';

/** How soon clients see what was committed, and what that costs: by subscriptions, and by polling. Takes about four minutes. */
export async function* live(): AsyncGenerator<Section> {
  const followed = [];
  for (const writer of Object.values(WRITERS)) {
    const section = await follow(writer);
    followed.push(...section.figures);
    yield section;
  }
  const silent = await silence();
  yield silent;
  yield await poll();
  yield goals(followed, silent.figures);
}
