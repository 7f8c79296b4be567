import type { ProducerVariety } from '../variety.js';
import { loadPostgresProfile } from './profile.js';
import { type PostgresSettings, postgresSchema } from './settings.js';

/** `variety: postgres` */
export const postgresVariety: ProducerVariety = {
  type: 'producer',
  name: 'postgres',
  summary: 'Loads into PostgreSQL by binary COPY, exactly once.',
  schema: postgresSchema,
  readProfile: loadPostgresProfile,
  create: async (settings, context) => {
    const { PostgresProducer } = await import('./postgres.js');
    return new PostgresProducer(settings as PostgresSettings, context);
  },
};
