/**
 * Makes many days of one, by a statement for each table: a million runs in minutes. What a column means is told by its name;
 * that the rows are those that recording gives is held by a test.
 */
import Database from 'better-sqlite3';
import { DAY_SECONDS, idOn } from './day.ts';

/** Continues a file that holds the first day and nothing else, up to so many days. Nobody else may have it open. */
export function copyDays(path: string, days: number): void {
  const db = new Database(path);
  try {
    for (const pragma of QUICK) db.pragma(pragma);
    db.function('id_on', { deterministic: true }, (day: unknown, id: unknown) =>
      id === null ? null : idOn(Number(day), String(id)),
    );
    db.exec('CREATE TEMP TABLE days (day INTEGER PRIMARY KEY)');
    const addDay = db.prepare('INSERT INTO days VALUES (?)');
    for (let day = 1; day < days; day++) addDay.run(day);

    const indexes = partsOf(db, 'index');
    for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
    const tables = partsOf(db, 'table');
    const counter = tables.some(({ name }) => name === COUNTER);
    const commits = counter ? Number(db.prepare(`SELECT commits FROM ${COUNTER}`).pluck().get()) : 0;
    for (const table of tables) if (table.name !== COUNTER) copyRows(db, table, commits);
    if (counter) db.exec(`UPDATE ${COUNTER} SET commits = commits * ${days}`);
    for (const { sql } of indexes) db.exec(sql);
  } finally {
    db.close();
  }
}

/** What is lost in a crash is made again. */
const QUICK = ['foreign_keys = OFF', 'journal_mode = OFF', 'synchronous = OFF', 'cache_size = -1000000'];

/** The table that counts the commits of a file, in files that have one. */
const COUNTER = 'store_state';

interface Part {
  readonly name: string;
  readonly sql: string;
}

/** Tables or indexes that the file's maker made, in the order in which it did. */
function partsOf(db: Database.Database, type: 'table' | 'index'): Part[] {
  const sql = 'SELECT name, sql FROM main.sqlite_schema WHERE type = ? AND sql IS NOT NULL ORDER BY rowid';
  return db.prepare<[string], Part>(sql).all(type);
}

/** Rows go in in the order of their key where that is the order of the table, else in that in which they came to be. */
function copyRows(db: Database.Database, { name, sql }: Part, commits: number): void {
  const columns = db.prepare<[string], { name: string; pk: number }>('SELECT * FROM pragma_table_info(?)').all(name);
  const values = columns.map((column) => `${onOtherDay(column.name, commits)} AS ${column.name}`);
  const keys = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const order = sql.includes('WITHOUT ROWID') ? `ORDER BY ${keys.map((key) => key.name).join(', ')}` : '';
  db.exec(`
    CREATE TEMP TABLE first_day AS SELECT * FROM main.${name};
    INSERT INTO main.${name} SELECT * FROM (SELECT ${values.join(', ')} FROM days CROSS JOIN first_day) ${order};
    DROP TABLE first_day`);
}

function onOtherDay(column: string, commits: number): string {
  if (column.endsWith('run_id')) return `id_on(day, ${column})`;
  if (column.endsWith('_at')) return `${column} + day * ${DAY_SECONDS}`;
  return column === 'commit_no' ? `commit_no + day * ${commits}` : column;
}
