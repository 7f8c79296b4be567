import { z } from 'zod';
import { addressSetting, byteSizeSetting, durationSetting, integerSetting } from '../../utils/settings.js';
import { consumerSchema } from '../variety.js';

const keepaliveSetting = z.strictObject({
  ping_interval: durationSetting(100).prefault('20s').describe('Ping the server so often.'),
  pong_timeout: durationSetting(10).prefault('10s').describe('Reconnect when a pong takes longer.'),
  idle_timeout: durationSetting()
    .prefault('60s')
    .describe('Reconnect when no message came for so long, even when pongs do; 0s: never.'),
});

const reconnectSetting = z.strictObject({
  initial: durationSetting(10)
    .prefault('500ms')
    .describe('Upper bound of the first wait; it doubles, with full jitter.'),
  max: durationSetting(10).prefault('30s').describe('Upper bound of every wait.'),
  stop_on: z
    .array(integerSetting(400, 4999))
    .default([1008, 401, 403, 451])
    .describe('Close codes and HTTP statuses that end the runner, because reconnecting would not help.'),
});

/** Settings of `variety: socket`. */
export const socketSchema = consumerSchema({
  uri: addressSetting(['ws', 'wss']).describe('Address of the stream.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers of the upgrade request.'),
  subprotocols: z.array(z.string()).default([]).describe('WebSocket subprotocols to offer.'),
  subscribe: z
    .array(z.union([z.string(), z.record(z.string(), z.unknown())]))
    .default([])
    .meta({ title: 'list of messages' })
    .describe('Messages to send on every connection: text as it is, anything else as JSON.'),
  keepalive: keepaliveSetting.prefault({}),
  reconnect: reconnectSetting.prefault({}),
  max_message_bytes: byteSizeSetting('1KiB', '1GiB')
    .prefault('16MiB')
    .describe('A larger message ends the connection.'),
});

export type SocketSettings = z.output<typeof socketSchema>;
