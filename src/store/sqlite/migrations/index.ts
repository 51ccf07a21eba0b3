import { initial } from './001-initial.ts';
import { copiedTrees } from './002-copied-trees.ts';
import { rootsByName } from './003-roots-by-name.ts';

/** In order; the number of a migration is its place, from 1. One that was published is never changed again. */
export const MIGRATIONS: readonly string[] = [initial, copiedTrees, rootsByName];
