import { type Config, envName } from '../config.ts';
import { Quota } from './quota.ts';

/** What all live clients of a server share. */
export interface LiveLimits {
  /** WebSockets and event streams, by the address that they come from. */
  readonly connections: Quota;
  /** Subscriptions of all clients, over whatever they come. */
  readonly subscriptions: Quota;
}

export function createLiveLimits({ maxConnectionsPerAddress, maxSubscriptions }: Config): LiveLimits {
  return {
    connections: new Quota(
      maxConnectionsPerAddress,
      `Too many live connections from one address. Close some, or raise ${envName('maxConnectionsPerAddress')}.`,
    ),
    subscriptions: new Quota(
      maxSubscriptions,
      `The server has ${maxSubscriptions} subscriptions, which is the most. Try again later, or raise ${envName('maxSubscriptions')}.`,
    ),
  };
}
