import { Fault } from '../../errors.ts';

/** Where a database is. */
export interface Place {
  /** With the password, if it is given there: never to be shown. */
  readonly url: string;
  /** Without user, password and options. */
  readonly location: string;
}

export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}

/** @throws Fault BAD_REQUEST, which does not repeat the text: it may hold a password. */
export function placeOf(url: string): Place {
  const parsed = isPostgresUrl(url) && URL.canParse(url) ? new URL(url) : null;
  if (!parsed) {
    throw new Fault(
      'BAD_REQUEST',
      'this is no URL of a PostgreSQL database; give one such as postgres://user@host:5432/database, with special characters in percent-encoding',
    );
  }
  return { url, location: `postgres://${parsed.host}${parsed.pathname}` };
}
