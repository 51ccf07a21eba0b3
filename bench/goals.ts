/** What a group of trials is held to. */
import type { Section } from './section.ts';
import { type Column, digits, table } from './table.ts';

/** What was reached, where it was hardest. */
export interface Reached {
  readonly reached: number;
  readonly where: string;
}

/** A goal, and where it was missed by most or met by least. */
export type Goal = Reached & { readonly name: string; readonly unit: string } & Bound;

type Bound = { readonly below: number } | { readonly atLeast: number };

export function goalsSection(goals: readonly Goal[], title = WORST): Section {
  return { title, lines: table(COLUMNS, goals), figures: goals };
}

/** Passes on what was found out, and then says what was reached of the goals. */
export async function* withGoals<Figure extends object>(
  sections: AsyncIterable<Section & { readonly figures: readonly Figure[] }>,
  goals: (figures: readonly Figure[]) => readonly Goal[],
): AsyncGenerator<Section> {
  const figures: Figure[] = [];
  for await (const section of sections) {
    figures.push(...section.figures);
    yield section;
  }
  yield goalsSection(goals(figures));
}

const WORST = 'Goals, each where it is hardest';

/** Of what was reached in several places, the highest. */
export function highest(all: readonly Reached[]): Reached {
  return all.reduce((one, other) => (one.reached >= other.reached ? one : other), NOWHERE);
}

/** Of what was reached in several places, the lowest. */
export function lowest(all: readonly Reached[]): Reached {
  const [first = NOWHERE, ...others] = all;
  return others.reduce((one, other) => (other.reached < one.reached ? other : one), first);
}

/** Of a goal for which nothing was measured. */
const NOWHERE: Reached = { reached: Number.NaN, where: '' };

function isMet(goal: Goal): boolean {
  return 'below' in goal ? goal.reached < goal.below : goal.reached >= goal.atLeast;
}

function verdict(goal: Goal): string {
  if (Number.isNaN(goal.reached)) return 'not measured';
  return isMet(goal) ? 'met' : 'missed';
}

const COLUMNS: readonly Column<Goal>[] = [
  { head: 'goal', of: ({ name }) => name },
  {
    head: 'wanted',
    of: (goal) => ('below' in goal ? `below ${goal.below} ${goal.unit}` : `at least ${goal.atLeast} ${goal.unit}`),
  },
  { head: 'reached', of: ({ reached, unit }) => `${digits(reached)} ${unit}` },
  { head: '', of: verdict },
  { head: 'where', of: ({ where }) => where },
];
