import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { consumerContract } from 'socket-el/testing';

/** Sends a numbered line to everybody every few milliseconds. */
const server = createServer((socket) => {
  let n = 0;
  const timer = setInterval(() => socket.write(`${JSON.stringify({ n: ++n, price: '1.50' })}\n`), 5);
  socket.on('close', () => clearInterval(timer)).on('error', () => {});
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());

const lines = {
  plugin: new URL('../src/lines.ts', import.meta.url),
  settings: { variety: 'lines', port: server.address().port },
};

for (const { title, run } of consumerContract(lines)) test(title, { timeout: 60_000 }, run);
