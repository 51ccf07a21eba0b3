import { Fault } from '../../errors.ts';
import { mayHelp } from './faults.ts';
import type { Session } from './session.ts';

/** A session that is made when it is first wanted, and made anew when it was lost. */
export class Line {
  readonly #connect: () => Promise<Session>;
  #session: Promise<Session> | null = null;
  #open: Session | null = null;
  #isClosed = false;

  constructor(connect: () => Promise<Session>) {
    this.#connect = connect;
  }

  /** @throws Fault if there is none to be had */
  session(): Promise<Session> {
    if (this.#isClosed) {
      return Promise.reject(new Fault('STORE_UNAVAILABLE', 'the store was closed; open it again'));
    }
    if (this.#session && (!this.#open || this.#open.isOpen)) return this.#session;
    this.#open = null;
    const session = this.#connect();
    this.#session = session;
    session.then(
      (open) => {
        this.#open = open;
      },
      () => {
        if (this.#session === session) this.#session = null;
      },
    );
    return session;
  }

  /** Reads, and reads again if that was when the connection was found to be lost. */
  async read<T>(read: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.session();
    try {
      return await read(session);
    } catch (error) {
      if (mayHelp(error) !== 'anew') throw error;
      return read(await this.session());
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const session = await this.#session?.catch(() => null);
    await session?.end();
  }
}
