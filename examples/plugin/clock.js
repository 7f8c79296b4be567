import { setTimeout as delay } from 'node:timers/promises';
import { Consumer, consumerSchema } from 'socket-el';
import { z } from 'zod';

class ClockConsumer extends Consumer {
  async run(signal) {
    while (!signal.aborted) {
      await this.context.stage.put({ now: new Date().toISOString() });
      await delay(this.settings.every_ms);
    }
  }
}

export const varieties = [
  {
    type: 'consumer',
    name: 'clock',
    summary: 'Puts the time.',
    replayable: false,
    schema: consumerSchema({ every_ms: z.number().min(1) }),
    create: async (settings, context) => new ClockConsumer(settings, context),
  },
];
