/** JSON text that stands for itself. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Marks a text as JSON already: it is recorded untouched, as a payload or anywhere inside one. */
export function rawJson(text: string): RawJson {
  return new RawJson(text);
}
