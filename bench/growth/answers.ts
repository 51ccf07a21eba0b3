/** What pages and trees cost over HTTP as a file grows. */
import { openFloor } from '../floor/floor.ts';
import type { Subject, Trial } from '../measure.ts';
import { listQuestions, treeQuestion } from '../questions.ts';
import { post } from '../subjects/post.ts';
import { type Program, serveProgram } from '../subjects/program.ts';
import { nameOf, type Place, SMALLEST } from './place.ts';

/** Short enough for every list to fill it at every size. */
const PAGE = 20;

export async function* growingTrials(places: readonly Place[]): AsyncGenerator<Trial> {
  const servers: { place: Place; program: Program }[] = [];
  // Both kinds of file hold the same.
  const floors = new Map(
    places
      .filter(({ kind }) => kind.name === 'owned')
      .map(({ kind, runs, path }) => [runs, openFloor(kind.name, path)]),
  );
  try {
    for (const place of places) servers.push({ place, program: await serveProgram(place.path) });
    for (const question of [treeQuestion('narrow'), ...listQuestions(PAGE)]) {
      const body = JSON.stringify(question.graphql);
      const [first, ...others] = servers.map(
        ({ place, program }): Subject => ({
          name: nameOf(place),
          against: nameOf({ kind: place.kind, runs: SMALLEST }),
          expected: floors.get(place.runs)?.answer(question.floor) ?? '',
          run: () => post(program.url, body),
        }),
      );
      if (first) yield { name: question.name, subjects: [first, ...others] };
    }
  } finally {
    await Promise.all(servers.map(({ program }) => program.end()));
    for (const floor of floors.values()) floor.close();
  }
}
