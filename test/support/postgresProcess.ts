/**
 * Runs a PostgreSQL of its own in a temporary folder, and says where on standard output. Stops it and removes the folder when
 * standard input ends: so whoever started this may be killed and leaves nothing behind.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { folderForPostgres, ownPostgres } from './ownPostgres.ts';

// An interrupt reaches all processes of a terminal; the one that started this decides when it ends.
process.on('SIGINT', () => {});

const folder = await folderForPostgres();
const log: string[] = [];
const { server, url } = await ownPostgres({
  data: join(folder, 'data'),
  settings: { fsync: 'off', full_page_writes: 'off', max_connections: '200', unix_socket_directories: '' },
  onLog: (line) => log.push(line),
});
try {
  await server.initialise();
  await server.start();
  process.stdout.write(`${url}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await server.stop();
} catch (error) {
  process.stderr.write(`${log.join('')}\n${String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
