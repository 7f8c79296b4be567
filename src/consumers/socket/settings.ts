import { z } from 'zod';
import { reconnectSetting } from '../../utils/reconnect-setting.js';
import { addressSetting, byteSizeSetting, durationSetting } from '../../utils/settings.js';
import { consumerSchema } from '../variety.js';

const messageSetting = z.union([z.string(), z.record(z.string(), z.unknown())]).meta({ title: 'message' });

const keepaliveSetting = z.strictObject({
  ping_interval: durationSetting(100).prefault('20s').describe('Ping the server so often.'),
  pong_timeout: durationSetting(10).prefault('10s').describe('Reconnect when a pong takes longer.'),
  idle_timeout: durationSetting()
    .prefault('60s')
    .describe('Reconnect when no message came for so long, even when pongs do; 0s: never.'),
  message: messageSetting
    .optional()
    .describe(
      'A message to send at every `ping_interval` too, as some feeds want: text as it is, anything else as JSON.',
    ),
});

/** Settings of `variety: socket`. */
export const socketSchema = consumerSchema({
  uri: addressSetting(['ws', 'wss']).describe('Address of the stream.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers of the upgrade request.'),
  subprotocols: z.array(z.string()).default([]).describe('WebSocket subprotocols to offer.'),
  subscribe: z
    .array(messageSetting)
    .default([])
    .describe('Messages to send on every connection: text as it is, anything else as JSON.'),
  keepalive: keepaliveSetting.prefault({}),
  reconnect: reconnectSetting({
    stopOn: [1008, 401, 403, 451],
    describe: 'Close codes and HTTP statuses that end the runner, because reconnecting would not help.',
  }).prefault({}),
  max_message_bytes: byteSizeSetting('1KiB', '1GiB')
    .prefault('16MiB')
    .describe('A larger message ends the connection.'),
});

export type SocketSettings = z.output<typeof socketSchema>;

/** A message to send, as it is written in the configuration. */
export type OutgoingMessage = z.output<typeof messageSetting>;
