// A program of its own: connects with `ws`, counts messages, prints when it has them all. Arguments: address, count.
import { WebSocket } from 'ws';
import { nowMs } from '../harness/clock.mjs';

const [uri, count] = [process.argv[2], Number(process.argv[3])];
const webSocket = new WebSocket(uri, { perMessageDeflate: false });
let counted = 0;
webSocket.on('message', () => {
  counted += 1;
  if (counted < count) return;
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ atMs: nowMs(), cpuSeconds: (user + system) / 1e6 }));
  webSocket.terminate();
});
