/** A file with many runs and all who answer about it: the floor and dagloupe, each in this process and over HTTP. */
import { execute as executeAsStandard } from 'graphql';
import { openStore } from '../../src/store/open.ts';
import { Child } from '../child.ts';
import { type FloorCall, openFloor } from '../floor/floor.ts';
import type { FloorHandlers } from '../floor/serverProcess.ts';
import type { Subject } from '../measure.ts';
import type { Question } from '../questions.ts';
import { type FileKind, storeFile } from '../stores/storeFile.ts';
import { answererOf } from './inProcess.ts';
import { post } from './post.ts';
import { serveProgram } from './program.ts';

export interface Stand {
  /** The floor's answer. */
  answer(question: Question): string;
  /** Those who answer a question, the floor first, and what they have to answer. */
  subjects(question: Question, expected: string): [Subject, ...Subject[]];
  close(): Promise<void>;
}

/** Where and who the subjects of a kind of file are, as they are named. */
export function subjectNames({ name }: FileKind) {
  return {
    floor: `floor, ${name}`,
    written: `floor, ${name}, JSON by SQLite`,
    dagloupe: `dagloupe, ${name}`,
    standard: `dagloupe, ${name}, standard executor`,
    floorHttp: `floor, ${name}, HTTP`,
    dagloupeHttp: `dagloupe, ${name}, HTTP`,
  };
}

export async function openStand(kind: FileKind, runs: number): Promise<Stand> {
  const path = await storeFile(kind, runs);
  const floor = openFloor(kind.name, path);
  const { store } = await openStore(path, { mustExist: true });
  const answer = answererOf(store);
  const answerAsStandard = answererOf(store, async (args) => executeAsStandard(args));
  const floorServer = new Child<FloorHandlers>(new URL('../floor/serverProcess.ts', import.meta.url));
  const floorUrl = await floorServer.ask('serve', { kind: kind.name, path });
  const program = await serveProgram(path);
  const names = subjectNames(kind);
  return {
    answer: (question) => floor.answer(question.floor),
    subjects(question, expected) {
      const floorBody = JSON.stringify(question.floor satisfies FloorCall);
      const body = JSON.stringify(question.graphql);
      const { floor: call } = question;
      const written: Subject[] =
        call.what === 'tree'
          ? [{ name: names.written, against: names.floor, expected, run: () => floor.written(call) }]
          : [];
      return [
        { name: names.floor, against: names.floor, expected, run: () => floor.answer(call) },
        ...written,
        { name: names.dagloupe, against: names.floor, expected, run: () => answer(question.graphql) },
        { name: names.standard, against: names.floor, expected, run: () => answerAsStandard(question.graphql) },
        { name: names.floorHttp, against: names.floorHttp, expected, run: () => post(floorUrl, floorBody) },
        { name: names.dagloupeHttp, against: names.floorHttp, expected, run: () => post(program.url, body) },
      ];
    },
    async close() {
      floor.close();
      await Promise.all([store.close(), floorServer.end(), program.end()]);
    },
  };
}
