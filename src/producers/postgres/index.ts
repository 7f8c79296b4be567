import type { ProducerSettings, ProducerVariety, SourceTable, Target } from '../variety.js';
import { DEFAULT_PROFILE, type PostgresSettings, postgresSchema } from './settings.js';
import { policyFor, routeFor, tablesOf } from './table-settings.js';

/** `variety: postgres` */
export const postgresVariety: ProducerVariety = {
  type: 'producer',
  name: 'postgres',
  summary: 'Loads into PostgreSQL by binary COPY, exactly once.',
  schema: postgresSchema,
  readProfile: async (request) => (await import('./profile.js')).loadPostgresProfile(request),
  targetsOf,
  create: async (settings, context) => {
    const { PostgresProducer } = await import('./postgres.js');
    return new PostgresProducer(settings as PostgresSettings, context);
  },
};

function targetsOf(settings: ProducerSettings, source: SourceTable): readonly Target[] {
  const own = settings as PostgresSettings;
  const isReplaced = policyFor(own, source.name).disposition === 'replace';
  const tables = tablesOf(routeFor(own, source));
  return tables.map((table) => ({
    place: `table ${table} of profile ${own.profile ?? DEFAULT_PROFILE}`,
    isReplaced,
  }));
}
