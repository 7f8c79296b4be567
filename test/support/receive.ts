import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** What arrived on a connection until now. */
export interface Received {
  readonly messages: string[];
  closeCode: number | undefined;
}

/** Connects to a WebSocket server until the test ends, and keeps what arrives. */
export async function receive(address: string): Promise<Received> {
  const received: Received = { messages: [], closeCode: undefined };
  const webSocket = new WebSocket(address);
  onTestFinished(() => webSocket.terminate());
  webSocket.on('message', (bytes) => received.messages.push(String(bytes)));
  webSocket.on('close', (code) => {
    received.closeCode = code;
  });
  await once(webSocket, 'open');
  return received;
}
