import { z } from 'zod';
import { durationSetting, integerSetting } from './settings.js';

/** The key `reconnect` of a consumer that connects to a server. */
export function reconnectSetting({
  stopOn,
  describe,
}: {
  readonly stopOn: number[];
  readonly describe: string;
}) {
  return z.strictObject({
    initial: durationSetting(10)
      .prefault('500ms')
      .describe('Upper bound of the first wait; it doubles, with full jitter.'),
    max: durationSetting(10).prefault('30s').describe('Upper bound of every wait.'),
    stop_on: z.array(integerSetting(400, 4999)).default(stopOn).describe(describe),
  });
}
