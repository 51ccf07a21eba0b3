import { type Goal, goalsSection, highest, type Reached } from '../goals.ts';
import { growingTrials } from '../growth/answers.ts';
import { type Memory, memory } from '../growth/memory.ts';
import { type Opening, opening } from '../growth/opening.ts';
import { LARGEST, places, SMALLEST } from '../growth/place.ts';
import { type Figure, timed } from '../measure.ts';
import type { Section } from '../section.ts';

/** What changes as a file grows from a thousand runs to a million. Ratios are to the smallest file of the kind. */
export async function* growth(wanted: string): AsyncGenerator<Section> {
  const all = await places();
  const figures: Figure[] = [];
  for await (const section of timed(growingTrials(all), wanted)) {
    figures.push(...section.figures);
    yield section;
  }
  const openings = wanted === '' || wanted === 'opening' ? await opening(all) : null;
  if (openings) yield openings;
  const largest = all.filter(({ runs }) => runs === LARGEST);
  const memories = wanted === '' || wanted === 'memory' ? await memory(largest) : null;
  if (memories) yield memories;
  yield goalsSection(goals(figures, openings?.figures ?? [], memories?.figures ?? []));
}

function goals(figures: readonly Figure[], openings: readonly Opening[], memories: readonly Memory[]): Goal[] {
  const largest = openings.filter(({ runs }) => runs === LARGEST);
  const smallest = openings.filter(({ runs }) => runs === SMALLEST);
  const slower = (kind: string): Reached =>
    highest(
      figures
        .filter(({ subject, trial }) => subject.startsWith(kind) && trial.startsWith('list page'))
        .map(({ subject, trial, ratio }) => ({ reached: 1 / ratio, where: `${trial}; ${subject}` })),
    );
  const memoryOf = (key: 'afterLists' | 'afterTrees'): Reached =>
    highest(memories.map((each) => ({ reached: each[key], where: each.place })));
  const openingOf = (of: readonly Opening[], key: 'page' | 'serve'): Reached =>
    highest(of.map((each) => ({ reached: each[key], where: each.place })));
  return [
    { name: 'list, own file', below: 1.2, unit: 'times the smallest', ...slower('owned') },
    { name: 'list, attached file', below: 1.2, unit: 'times the smallest', ...slower('attached') },
    { name: 'open a million runs, first page', below: 1_000, unit: 'ms', ...openingOf(largest, 'page') },
    { name: 'start', below: 400, unit: 'ms', ...openingOf(smallest, 'serve') },
    { name: 'memory after lists', below: 150, unit: 'MiB', ...memoryOf('afterLists') },
    { name: 'memory after trees and payloads', below: 250, unit: 'MiB', ...memoryOf('afterTrees') },
  ];
}
