/**
 * Why the running Node cannot run this program, or null if it can. Both versions are dotted numbers.
 *
 * Whoever asks must have imported nothing native yet: under an older Node those parts crash without a word.
 */
export function unsupportedNode(running: string, oldest: string): string | null {
  if (compareVersions(running, oldest) >= 0) return null;
  return (
    `needs Node ${oldest} or newer, and this is Node ${running}. Install a newer one; ` +
    'in a checkout of the project, npm start and the other npm scripts use the Node that npm ci installed.'
  );
}

function compareVersions(a: string, b: string): number {
  const theirs = b.split('.').map(Number);
  for (const [index, part] of a.split('.').map(Number).entries()) {
    const difference = part - (theirs[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
