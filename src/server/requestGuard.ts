/**
 * Who may ask. A server on this machine is within reach of every web page that its user opens, so a browser's request is
 * taken only from the server's own pages, and only under a name that is known to be the server's: else a foreign page could
 * let its own name point here and read all answers (DNS rebinding).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Config } from '../config.ts';
import { pathOf, wantsPage } from './paths.ts';
import { Refusal } from './refusal.ts';

/** Checks of a request; each throws a refusal. */
export interface RequestGuard {
  /** Refuses foreign names in the Host header, and requests that come from the page of another site. */
  checkSource(req: IncomingMessage): void;
  /** Refuses requests without the server's token, if it has one. `how` tells those who send none how to do that. */
  checkToken(authorization: string | undefined, how?: string): void;
}

export function createRequestGuard({ host, allowedHosts, token }: Config): RequestGuard {
  const names = new Set(['localhost', '127.0.0.1', '::1', host, ...allowedHosts].map(inUrl));
  const isWildcard = host === '0.0.0.0' || host === '::';
  const expected = token === null ? null : digest(token);

  function checkHost(req: IncomingMessage): void {
    const name = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(req.headers.host ?? '')?.[1]?.toLowerCase();
    if (name && (names.has(name) || (isWildcard && name === localAddress(req)))) return;
    throw new Refusal(
      403,
      'FORBIDDEN',
      `This server is not known as ${JSON.stringify(req.headers.host ?? '')}. If that is its name, add it to DAGLOUPE_ALLOWED_HOSTS.`,
    );
  }

  return {
    checkSource(req) {
      checkHost(req);
      checkSite(req);
    },
    checkToken(authorization, how = 'send the header "Authorization: Bearer TOKEN"') {
      if (expected === null) return;
      const given = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
      throw new Refusal(
        401,
        'UNAUTHENTICATED',
        given === undefined ? `This server wants a token: ${how}.` : 'The token is not the one of this server.',
        { 'www-authenticate': `Bearer realm="dagloupe"${given === undefined ? '' : ', error="invalid_token"'}` },
      );
    },
  };
}

/** A page that shows no data, opened by a link on another site, is the one thing that may come from there. */
function checkSite(req: IncomingMessage): void {
  const { origin } = req.headers;
  const site = req.headers['sec-fetch-site'];
  const isOwnOrigin = origin === undefined || isOrigin(origin, req.headers.host ?? '');
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none';
  if (isOwnOrigin && (isOwnSite || isLinkToPage(req))) return;
  throw new Refusal(
    403,
    'FORBIDDEN',
    'Requests from the pages of other sites are refused. Ask from a page of this server, or from a program that is no browser.',
  );
}

/** Whether an origin is that of a host, behind whatever scheme: a proxy may add TLS. */
function isOrigin(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  return url !== null && /^https?:$/.test(url.protocol) && URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}

function isLinkToPage(req: IncomingMessage): boolean {
  const isNavigation = req.headers['sec-fetch-mode'] === 'navigate' && req.headers['sec-fetch-dest'] === 'document';
  return isNavigation && req.method === 'GET' && (pathOf(req) === '/' || wantsPage(req));
}

function localAddress(req: IncomingMessage): string {
  return inUrl((req.socket.localAddress ?? '').replace(/^::ffff:/, ''));
}

function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
