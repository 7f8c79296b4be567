import type { ConsumerVariety } from '../variety.js';
import { type StdinSettings, stdinSchema } from './settings.js';

/** `variety: stdin` */
export const stdinVariety: ConsumerVariety = {
  type: 'consumer',
  name: 'stdin',
  summary: 'Reads standard input, a message a line, until its end.',
  schema: stdinSchema,
  replayable: false,
  isFinite: true,
  create: async (settings, context) => {
    const { StdinConsumer } = await import('./stdin.js');
    return new StdinConsumer(settings as StdinSettings, context);
  },
};
