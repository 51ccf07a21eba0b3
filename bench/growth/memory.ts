/** What a server has of the machine's memory, over the largest files. */
import { listQuestions, type Question, treeQuestion } from '../questions.ts';
import type { Section } from '../section.ts';
import { post } from '../subjects/post.ts';
import { serveProgram } from '../subjects/program.ts';
import { type Column, digits, table } from '../table.ts';
import { nameOf, type Place } from './place.ts';

/** In MiB. */
export interface Memory {
  readonly place: string;
  readonly started: number;
  readonly afterLists: number;
  readonly afterTrees: number;
}

const CALLERS = 16;
/** Answers that are asked for, of each kind. */
const LISTS = 2_000;
const TREES = 320;

export async function memory(places: readonly Place[]): Promise<Section & { readonly figures: readonly Memory[] }> {
  const figures: Memory[] = [];
  for (const place of places) {
    const program = await serveProgram(place.path);
    const started = await program.memory();
    await askMany(program.url, listQuestions(50), LISTS);
    const afterLists = await program.memory();
    await askMany(program.url, [treeQuestion('narrow', { payloads: true }), treeQuestion('wide')], TREES);
    const afterTrees = await program.memory();
    await program.end();
    figures.push({ place: nameOf(place), started, afterLists, afterTrees });
  }
  const title = `memory, after ${LISTS} lists, then after ${TREES} trees and payloads, ${CALLERS} callers`;
  return { title, lines: table(COLUMNS, figures), figures };
}

async function askMany(url: string, questions: readonly Question[], count: number): Promise<void> {
  const bodies = questions.map(({ graphql }) => JSON.stringify(graphql));
  let asked = 0;
  const call = async (): Promise<void> => {
    while (asked < count) await post(url, bodies[asked++ % bodies.length] ?? '');
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
}

const COLUMNS: readonly Column<Memory>[] = [
  { head: '', of: ({ place }) => place },
  { head: 'started MiB', of: ({ started }) => digits(started) },
  { head: 'after lists MiB', of: ({ afterLists }) => digits(afterLists) },
  { head: 'after trees MiB', of: ({ afterTrees }) => digits(afterTrees) },
];
