import type { ProducerVariety } from '../variety.js';
import { type ConsoleSettings, consoleSchema } from './settings.js';

/** `variety: console` */
export const consoleVariety: ProducerVariety = {
  type: 'producer',
  name: 'console',
  summary:
    'Prints rows on standard output, one JSON object a line; after a crash the last ones may come again.',
  schema: consoleSchema,
  create: async (settings, context) => {
    const { ConsoleProducer } = await import('./console.js');
    return new ConsoleProducer(settings as ConsoleSettings, context);
  },
};
