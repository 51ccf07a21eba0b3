/** What live changes are held to. */
import { type Goal, goalsSection, highest, type Reached } from '../goals.ts';
import type { Section } from '../section.ts';
import type { FollowCell } from './follow.ts';
import type { Silence } from './silence.ts';

export function goals(cells: readonly FollowCell[], silences: readonly Silence[]): Section {
  const slow = cells.filter(({ perSecond }) => perSecond <= 100);
  const latencyBefore = (audience: number): Goal[] => {
    const before = slow.filter(({ subscribers }) => subscribers === audience);
    const own = before.filter((cell) => cell.own).map(slowness);
    const foreign = before.filter((cell) => !cell.own).map(slowness);
    return [
      { name: `own p50 before ${audience}`, below: 5, unit: 'ms', ...highest(own) },
      { name: `foreign p50 before ${audience}`, below: 20, unit: 'ms', ...highest(foreign) },
    ];
  };
  const idle = silences.map(({ writer, idlePercent }) => ({ reached: idlePercent, where: writer }));
  const memory = silences.map(({ writer, processBytes }) => ({ reached: processBytes / 1024, where: writer }));
  const figures: Goal[] = [
    ...[1, 100, 1_000].flatMap(latencyBefore),
    { name: 'idle, of a core', below: 1, unit: '%', ...highest(idle) },
    { name: 'memory per subscriber', below: 50, unit: 'KB', ...highest(memory) },
  ];
  return goalsSection(figures, 'Goals, each where it is hardest; latencies at up to 100 writes/s');
}

function slowness({ writer, perSecond, all }: FollowCell): Reached {
  return { reached: all.p50, where: `${writer}, ${perSecond}/s` };
}
