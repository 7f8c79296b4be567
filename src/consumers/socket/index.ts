import type { ConsumerVariety } from '../variety.js';
import { type SocketSettings, socketSchema } from './settings.js';

/** `variety: socket` */
export const socketVariety: ConsumerVariety = {
  type: 'consumer',
  name: 'socket',
  summary: 'Receives a WebSocket stream, reconnects, and records every gap.',
  schema: socketSchema,
  replayable: false,
  create: async (settings, context) => {
    const { SocketConsumer } = await import('./socket.js');
    return new SocketConsumer(settings as SocketSettings, context);
  },
};
