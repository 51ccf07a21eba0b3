import { type Goal, highest, lowest, type Reached, withGoals } from '../goals.ts';
import { type Figure, type Trial, timed } from '../measure.ts';
import { ioQuestion, listQuestions, treeQuestion } from '../questions.ts';
import type { Section } from '../section.ts';
import { ATTACHED, OWNED } from '../stores/storeFile.ts';
import { openStand, subjectNames } from '../subjects/stand.ts';

const RUNS = 1_000;
const PAGE = 50;

/** Trees, lists and payloads, against the floor; in this process and over HTTP, in dagloupe's own file and in one of lythonic's. */
export function reads(wanted: string): AsyncGenerator<Section> {
  return withGoals(timed(trials(), wanted), goals);
}

async function* trials(): AsyncGenerator<Trial> {
  const owned = await openStand(OWNED, RUNS);
  const attached = await openStand(ATTACHED, RUNS);
  const questions = [
    treeQuestion('narrow'),
    treeQuestion('wide'),
    treeQuestion('narrow', { payloads: true }),
    treeQuestion('wide', { payloads: true }),
    ioQuestion(),
    ...listQuestions(PAGE),
  ];
  try {
    for (const question of questions) {
      const expected = owned.answer(question);
      const subjects = owned.subjects(question, expected);
      subjects.push(...attached.subjects(question, expected));
      yield { name: question.name, subjects };
    }
  } finally {
    await Promise.all([owned.close(), attached.close()]);
  }
}

const NAMES = { owned: subjectNames(OWNED), attached: subjectNames(ATTACHED) };

function goals(figures: readonly Figure[]): Goal[] {
  const trees = figures.filter(({ trial }) => trial.startsWith('nested tree'));
  const lists = figures.filter(({ trial }) => trial.startsWith('list page'));
  const ratios = (of: readonly Figure[], subject: string): Reached[] =>
    of.filter((figure) => figure.subject === subject).map(({ trial, ratio }) => ({ reached: ratio, where: trial }));
  const { owned, attached } = NAMES;
  const tree = { ...lowest(ratios(trees, owned.dagloupe)), unit: 'of the floor' };
  return [
    { name: 'tree, in process', atLeast: 0.65, ...tree },
    { name: 'tree, in process: the moonshot', atLeast: 1, ...tree },
    { name: 'tree, HTTP', atLeast: 0.6, unit: 'of the floor', ...lowest(ratios(trees, owned.dagloupeHttp)) },
    { name: 'list, HTTP', atLeast: 0.5, unit: 'of the floor', ...lowest(ratios(lists, owned.dagloupeHttp)) },
    {
      name: 'list of an attached file, HTTP',
      atLeast: 0.5,
      unit: 'of the floor',
      ...lowest(ratios(lists, attached.dagloupeHttp)),
    },
    { name: 'tree of an attached file, HTTP', below: 1.2, unit: 'of the owned', ...highest(attachedOverOwned(trees)) },
    { name: 'list of an attached file, HTTP', below: 2, unit: 'of the owned', ...highest(attachedOverOwned(lists)) },
  ];
}

/** How many times the time of the owned file an attached one takes. */
function attachedOverOwned(figures: readonly Figure[]): Reached[] {
  const median = (trial: string, subject: string): number =>
    figures.find((figure) => figure.trial === trial && figure.subject === subject)?.median ?? Number.NaN;
  return [...new Set(figures.map(({ trial }) => trial))].map((trial) => ({
    reached: median(trial, NAMES.attached.dagloupeHttp) / median(trial, NAMES.owned.dagloupeHttp),
    where: trial,
  }));
}
