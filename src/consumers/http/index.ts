import type { ConsumerSettings, ConsumerVariety } from '../variety.js';
import { type HttpSettings, httpSchema } from './settings.js';

/** `variety: http` */
export const httpVariety: ConsumerVariety = {
  type: 'consumer',
  name: 'http',
  summary: 'Asks an HTTP server again and again, page by page; with a cursor each row comes once.',
  schema: httpSchema,
  replayable: (settings: ConsumerSettings) => (settings as HttpSettings).cursor !== undefined,
  isFinite: (settings: ConsumerSettings) => (settings as HttpSettings).once,
  create: async (settings, context) => {
    const { HttpConsumer } = await import('./http.js');
    return new HttpConsumer(settings as HttpSettings, context);
  },
};
