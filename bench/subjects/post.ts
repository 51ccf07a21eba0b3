import { Agent, type IncomingMessage, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** Sends JSON over a connection that is kept, and gives the answer's text. Whoever is asked, the client is the same. */
export function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', headers, agent });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // The server had closed a connection that was idle, and nothing was asked of it.
      if (asked.reusedSocket && error.code === 'ECONNRESET') post(url, body).then(resolve, reject);
      else reject(error);
    });
    asked.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 1000)}`));
      });
    });
    asked.end(body);
  });
}
