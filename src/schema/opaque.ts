/** Opaque texts, such as ids and cursors: clients hand them back, and look at nothing inside. They are base64url of a JSON list. */

export function toOpaque(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** What `toOpaque` was given, or an empty list if it never gave this text. */
export function fromOpaque(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    // Decoders overlook what does not belong; one thing must not have two names.
    return Array.isArray(parts) && toOpaque(parts) === text ? parts : [];
  } catch {
    return [];
  }
}
