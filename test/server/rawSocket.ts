import { once } from 'node:events';
import WebSocket from 'ws';
import { FOLLOW } from './live.ts';

interface RawOptions {
  /** Subprotocols that it offers, separated by spaces. */
  readonly protocol?: string;
  readonly headers?: Record<string, string>;
  /** Whether it answers pings. */
  readonly autoPong?: boolean;
}

/** A WebSocket without a client library, which says just what it is told to. */
export class RawSocket {
  readonly ws: WebSocket;
  /** What the server sent, in order. */
  readonly received: Message[] = [];
  /** Why it could not be opened, or broke. */
  failure = '';
  /** With which code and reason it was closed. */
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(port: number, { protocol = 'graphql-transport-ws', ...options }: RawOptions = {}) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/graphql`, protocol.split(' ').filter(Boolean), options);
    this.ws.on('message', (data) => this.received.push(JSON.parse(String(data))));
    this.ws.on('error', ({ message }) => {
      this.failure = message;
    });
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** Opens one that may ask. */
  static async admitted(
    port: number,
    params: Record<string, unknown> = {},
    options: RawOptions = {},
  ): Promise<RawSocket> {
    const socket = new RawSocket(port, options);
    await socket.opened();
    socket.say({ type: 'connection_init', payload: params });
    await once(socket.ws, 'message');
    return socket;
  }

  async opened(): Promise<void> {
    await once(this.ws, 'open');
  }

  say(message: object): void {
    this.ws.send(JSON.stringify(message));
  }

  subscribe(id: string, query: string = FOLLOW, variables: Record<string, unknown> = {}): void {
    this.say({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** The types of the messages about an operation. */
  about(id: string): string[] {
    return this.received.filter((message) => message.id === id).map(({ type }) => type);
  }
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}
