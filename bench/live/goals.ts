/** What live changes are held to. */
import type { Section } from '../section.ts';
import type { FollowCell } from './follow.ts';
import type { Silence } from './silence.ts';
import { type Column, digits, table } from './table.ts';

/** A goal, and where it was missed by most or met by least. */
interface Goal {
  readonly name: string;
  readonly below: number;
  readonly unit: string;
  readonly reached: number;
  readonly where: string;
}

type Reached = Pick<Goal, 'reached' | 'where'>;

export function goals(cells: readonly FollowCell[], silences: readonly Silence[]): Section {
  const slow = cells.filter(({ perSecond }) => perSecond <= 100);
  const latencyBefore = (audience: number): Goal[] => {
    const before = slow.filter(({ subscribers }) => subscribers === audience);
    const unit = 'ms';
    return [
      { name: `own p50 before ${audience}`, below: 5, unit, ...worst(before.filter(({ own }) => own).map(slowness)) },
      {
        name: `foreign p50 before ${audience}`,
        below: 20,
        unit,
        ...worst(before.filter(({ own }) => !own).map(slowness)),
      },
    ];
  };
  const idle = silences.map(({ writer, idlePercent }) => ({ reached: idlePercent, where: writer }));
  const memory = silences.map(({ writer, processBytes }) => ({ reached: processBytes / 1024, where: writer }));
  const figures: Goal[] = [
    ...[1, 100, 1_000].flatMap(latencyBefore),
    { name: 'idle, of a core', below: 1, unit: '%', ...worst(idle) },
    { name: 'memory per subscriber', below: 50, unit: 'KB', ...worst(memory) },
  ];
  return {
    title: 'Goals, each where it is hardest; latencies at up to 100 writes/s',
    lines: table(COLUMNS, figures),
    figures,
  };
}

function slowness({ writer, perSecond, all }: FollowCell): Reached {
  return { reached: all.p50, where: `${writer}, ${perSecond}/s` };
}

function worst(all: readonly Reached[]): Reached {
  return all.reduce((one, other) => (other.reached > one.reached ? other : one), { reached: 0, where: '' });
}

const COLUMNS: readonly Column<Goal>[] = [
  { head: 'goal', of: ({ name }) => name },
  { head: 'below', of: ({ below, unit }) => `${below} ${unit}` },
  { head: 'reached', of: ({ reached, unit }) => `${digits(reached)} ${unit}` },
  { head: '', of: ({ below, reached }) => (reached < below ? 'met' : 'missed') },
  { head: 'where', of: ({ where }) => where },
];
