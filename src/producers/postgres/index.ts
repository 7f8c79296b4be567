import type { ProducerVariety } from '../variety.js';
import { type PostgresSettings, postgresProfileSchema, postgresSchema } from './settings.js';

/** `variety: postgres` */
export const postgresVariety: ProducerVariety = {
  type: 'producer',
  name: 'postgres',
  summary: 'Loads into PostgreSQL by binary COPY, exactly once.',
  schema: postgresSchema,
  profileSchema: postgresProfileSchema,
  create: async (settings, context) => {
    const { PostgresProducer } = await import('./postgres.js');
    return new PostgresProducer(settings as PostgresSettings, context);
  },
};
