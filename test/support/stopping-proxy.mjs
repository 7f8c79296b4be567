// A TCP proxy in a process of its own that stops itself, as by SIGSTOP, once a client has sent so many bytes: then nothing
// passes any more, not even that the client is gone. Arguments: port of the target, bytes. Sends its port by IPC.
import { connect, createServer } from 'node:net';

const [targetPort, limit] = process.argv.slice(2).map(Number);

function join(client) {
  const server = connect({ port: targetPort, host: '127.0.0.1' });
  let sent = 0;
  client.on('data', (chunk) => {
    server.write(chunk, () => {
      sent += chunk.length;
      if (sent >= limit) process.kill(process.pid, 'SIGSTOP');
    });
  });
  server.pipe(client);
  client.on('error', () => server.destroy());
  server.on('error', () => client.destroy());
  client.on('close', () => server.destroy());
}

const listener = createServer(join).listen(0, '127.0.0.1', () => process.send(listener.address().port));
