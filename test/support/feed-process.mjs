// The WebSocket feed of the tests, in a process of its own. Each path is a channel, made by an IPC request
// { id, op, path, ... }; the answer is { id, result } or { id, error }.
import { WebSocketServer } from 'ws';
import { messageText } from './payload.mjs';

const MAX_BUFFERED_BYTES = 1024 * 1024;
const COUNTED_PER_TURN = 500;
const channels = new Map();

const createLog = () => ({ issued: 0, connections: [], tickSeqs: [], tickTimes: [] });

function sendTogether(socket, messages) {
  socket._socket.cork();
  for (const message of messages) socket.send(message);
  socket._socket.uncork();
}

/** Issues what is due by the clock to whoever is connected now; with nobody there it is issued and lost. */
function tick(channel) {
  if (channel.held) return;
  const now = Date.now();
  const due = Math.floor(((now - channel.startedAt) * channel.rate) / 1000) - channel.log.issued;
  if (due <= 0) return;
  const first = channel.log.issued;
  channel.log.tickSeqs.push(first);
  channel.log.tickTimes.push(now);
  channel.log.issued += due;
  if (channel.sockets.size === 0) return;
  const messages = Array.from({ length: due }, (_, index) => messageText(channel.seed, first + index));
  for (const socket of channel.sockets) if (socket.readyState === socket.OPEN) sendTogether(socket, messages);
}

function sendCounted(channel, socket, next = 0) {
  if (socket.readyState !== socket.OPEN) return;
  let seq = next;
  if (socket.bufferedAmount < MAX_BUFFERED_BYTES) {
    const end = Math.min(channel.count, seq + COUNTED_PER_TURN);
    const messages = [];
    while (seq < end) messages.push(messageText(channel.seed, seq++));
    sendTogether(socket, messages);
    channel.log.issued = Math.max(channel.log.issued, seq);
  }
  if (seq < channel.count) setTimeout(sendCounted, 1, channel, socket, seq);
}

function sendScript(channel, socket) {
  for (const { base64, binary } of channel.messages) socket.send(Buffer.from(base64, 'base64'), { binary });
  channel.log.issued = channel.messages.length;
}

const onConnected = {
  live() {},
  counted: (channel, socket) => sendCounted(channel, socket),
  script: sendScript,
};

function connect(socket, request) {
  const channel = channels.get(request.url);
  socket.on('error', () => {});
  if (!channel) return socket.close(1008, 'no such channel');
  const connection = { openedAt: Date.now(), openedSeq: channel.log.issued, closedAt: null, closedSeq: null };
  channel.log.connections.push(connection);
  channel.sockets.add(socket);
  socket.on('close', () => {
    channel.sockets.delete(socket);
    connection.closedAt = Date.now();
    connection.closedSeq = channel.log.issued;
  });
  onConnected[channel.mode](channel, socket);
}

function openChannel({ path, mode, ...settings }) {
  if (channels.has(path)) throw new Error(`channel ${path} is there already`);
  const channel = {
    mode,
    ...settings,
    log: createLog(),
    sockets: new Set(),
    startedAt: Date.now(),
    held: false,
  };
  channels.set(path, channel);
  if (mode === 'live') channel.timer = setInterval(tick, channel.tickMs ?? 5, channel);
}

const operations = {
  open: openChannel,
  hold({ path }) {
    tick(channels.get(path));
    channels.get(path).held = true;
  },
  log: ({ path }) => channels.get(path).log,
  drop({ path }) {
    for (const socket of channels.get(path).sockets) socket.terminate();
  },
};

process.on('message', ({ id, op, ...request }) => {
  try {
    process.send({ id, result: operations[op](request) ?? null });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.on('disconnect', () => process.exit(0));

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', connect);
server.on('listening', () => process.send({ id: 0, result: server.address().port }));
