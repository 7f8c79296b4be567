import { once } from 'node:events';
import { type AddressInfo, isIPv6 } from 'node:net';
import { WebSocketServer } from 'ws';
import { Channel, type ChannelSettings } from './channel.js';
import { recordedMessages } from './recorded-messages.js';
import { trades } from './trades.js';

/** What the feed serves, and where. */
export interface FeedSettings extends ChannelSettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly seed: number;
  /** A file of one message a line, or a stage's folder, to send instead of trades. */
  readonly replay?: string | undefined;
}

/** A running feed. */
export interface Feed {
  /** Such as `ws://127.0.0.1:8000`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts a WebSocket server on which every path is a channel of its own; the last part of a path names the exchange. */
export async function openFeed(settings: FeedSettings): Promise<Feed> {
  const server = new WebSocketServer({ host: settings.host, port: settings.port, perMessageDeflate: false });
  const channels = new Map<string, Channel>();
  server.on('connection', (webSocket, request) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const channel = channels.get(path) ?? new Channel(messagesOf(settings, path), settings);
    channels.set(path, channel);
    channel.add(webSocket, request.socket);
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = isIPv6(settings.host) ? `[${settings.host}]` : settings.host;
  return { address: `ws://${host}:${port}`, close: () => closeFeed(server, channels) };
}

function messagesOf({ seed, replay }: FeedSettings, path: string): Iterator<string> {
  return replay === undefined ? trades(seed, exchangeOf(path)) : recordedMessages(replay);
}

function exchangeOf(path: string): string {
  return (
    path
      .split('/')
      .at(-1)
      ?.replace(/[^A-Za-z0-9_-]/g, '') || 'exchange'
  );
}

async function closeFeed(server: WebSocketServer, channels: ReadonlyMap<string, Channel>): Promise<void> {
  for (const channel of channels.values()) channel.stop();
  for (const client of server.clients) client.terminate();
  server.close();
  await once(server, 'close');
}
