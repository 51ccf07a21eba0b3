import type { TreeUpdate } from '../../client/follow/follow.ts';
import type { Connection } from '../../client/follow/retry.ts';

/** Shows what is followed. */
export interface View {
  /** No run is active: the next one to start is waited for. */
  wait(): void;
  update(update: TreeUpdate): void;
  connection(connection: Connection): void;
  /** Nothing more comes. */
  close(): void;
}

export const WAITING = 'no run is active; the next one to start is shown';

/** What there is to say of a connection; empty where all is well. */
export function connectionWord(connection: Connection): string {
  return connection.state === 'lost' ? `${connection.error.message}; trying again` : '';
}
