import { stripVTControlCharacters, styleText } from 'node:util';

/** Lines of cells, each column as wide as its widest cell. Cells may be styled. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell));
  }
  const line = (row: readonly string[]) =>
    row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - width(cell))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** Shown between other things. On a terminal it is set off from them. */
export function dim(text: string): string {
  return styleText('dim', text);
}

/** Text from a file, safe to show: a terminal would obey control characters, and some hide or turn what is around them. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** A text of at most so many characters. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, Math.max(longest - 1, 0)).join('')}…`;
}

export function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
