const MAX_LENGTH = 200;

/** What `String` makes of a value, at most 200 characters of it; a word for it if even that throws. */
export function plainText(value: unknown): string {
  try {
    return shortened(String(value));
  } catch {
    return tag(value);
  }
}

function tag(value: unknown): string {
  try {
    return shortened(Object.prototype.toString.call(value));
  } catch {
    return '[unreadable]';
  }
}

function shortened(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
