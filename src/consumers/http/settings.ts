import { z } from 'zod';
import { reconnectSetting } from '../../utils/reconnect-setting.js';
import { addressSetting, byteSizeSetting, durationSetting, pointerSetting } from '../../utils/settings.js';
import { consumerSchema } from '../variety.js';

const cursorSetting = z.strictObject({
  parameter: z.string().min(1).describe('Parameter of the query in which the place is sent.'),
  from: pointerSetting().describe(
    'Where an answer says it, as `/next_cursor` or `/trades/*/id`; of several values the last one counts, and an answer without any leaves the place as it was.',
  ),
  initial: z.string().optional().describe('What is sent the first time; nothing unless given.'),
});

/** Settings of `variety: http`. */
export const httpSchema = consumerSchema({
  uri: addressSetting(['http', 'https']).describe('Address to ask; a GET request.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers of each request.'),
  poll_interval: durationSetting(50)
    .prefault('10s')
    .describe('Ask so long after the answer before, once there is no further page.'),
  once: z.boolean().default(false).describe('End after the last page instead of asking again.'),
  next: z
    .union([z.literal('link'), pointerSetting()])
    .optional()
    .meta({ title: 'link, or JSON pointer' })
    .describe(
      'Where an answer says the address of its next page: `link`, the header Link with rel=next, or a JSON pointer. It must be of the same server.',
    ),
  cursor: cursorSetting
    .optional()
    .describe('The place that an answer ends at, which is sent with the next request and kept in the stage.'),
  timeout: durationSetting(100)
    .prefault('30s')
    .describe('Give up on an answer that takes longer, all of it.'),
  reconnect: reconnectSetting({
    stopOn: [400, 401, 403, 404, 405, 410, 451],
    describe: 'HTTP statuses that end the runner, because asking again would not help.',
  }).prefault({}),
  max_message_bytes: byteSizeSetting('1KiB', '1GiB')
    .prefault('64MiB')
    .describe('A larger answer is an error.'),
});

export type HttpSettings = z.output<typeof httpSchema>;
