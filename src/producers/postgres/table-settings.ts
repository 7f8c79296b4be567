import { z } from 'zod';
import { TableRouter } from '../../utils/rows/table-router.js';
import type { TableRoute } from '../../utils/rows/table-setting.js';
import { integerSetting, nameSetting } from '../../utils/settings.js';
import { SCHEMA_CONTRACTS, type TablePolicy, WRITE_DISPOSITIONS } from './disposition.js';

const dispositionSetting = z
  .enum(WRITE_DISPOSITIONS)
  .describe(
    'How rows go into their table: `append`; `merge` by `primary_key`; `replace`, each set of a source that ends for all rows.',
  );
const keySetting = z
  .array(z.string().min(1))
  .min(1)
  .describe('Columns that tell rows apart, for write_disposition: merge.');
const contractSetting = z
  .enum(SCHEMA_CONTRACTS)
  .describe(
    'What happens to what the table has no place for: `evolve` adds columns and uses `_rest`; `freeze` makes the row a dead letter, `discard_row` drops it, `discard_value` drops the value.',
  );
const poisonSetting = z
  .enum(['block', 'dead'])
  .describe(
    'What many rows of a batch do that the server refuses: `block` the load, or become dead letters however many they are.',
  );

const overrideSetting = z.strictObject({
  table: nameSetting().optional().describe('The table, instead of what the consumer says.'),
  write_disposition: dispositionSetting.optional(),
  primary_key: keySetting.optional(),
  schema_contract: contractSetting.optional(),
  on_poison: poisonSetting.optional(),
});

/** The keys of a producer into tables that say how its rows are written. */
export const tableShape = {
  write_disposition: dispositionSetting.default('append'),
  primary_key: keySetting.optional(),
  schema_contract: contractSetting.default('evolve'),
  on_poison: poisonSetting.default('block'),
  max_columns: integerSetting(1, 1500)
    .default(200)
    .describe('Keys beyond so many columns go into the column _rest.'),
  widen_limit: integerSetting(0, 1_000_000_000)
    .default(1_000_000)
    .describe(
      'A table with more rows is not rewritten to widen a column; what does not fit goes into _rest.',
    ),
  tables: z
    .record(z.string(), overrideSetting)
    .default({})
    .describe('By the name of a consumer, what is otherwise for its rows.'),
} as const;

const tableObject = z.object(tableShape);
type TableSettings = z.output<typeof tableObject>;

/** How the rows of a consumer are written. */
export function policyFor(settings: TableSettings, consumer: string): TablePolicy {
  const own = overrideOf(settings, consumer);
  return {
    disposition: own?.write_disposition ?? settings.write_disposition,
    contract: own?.schema_contract ?? settings.schema_contract,
    primaryKey: own?.primary_key ?? settings.primary_key ?? [],
    isPoisonDead: (own?.on_poison ?? settings.on_poison) === 'dead',
    maxColumns: settings.max_columns,
    widenLimit: settings.widen_limit,
  };
}

/** Where the rows of a consumer go. */
export function routeFor(
  settings: TableSettings,
  source: { readonly name: string; readonly table: string | TableRoute },
): string | TableRoute {
  return overrideOf(settings, source.name)?.table ?? source.table;
}

/** Every table that rows may go to. */
export function tablesOf(route: string | TableRoute): readonly string[] {
  return typeof route === 'string' ? [route] : TableRouter.tablesOf(route);
}

/** What holds between the keys. */
export function checkTables(settings: ProducerTables, context: z.RefinementCtx): void {
  const consumers = settings.depends_on.join(', ');
  for (const consumer of Object.keys(settings.tables)) {
    if (settings.depends_on.includes(consumer)) continue;
    context.addIssue({
      code: 'custom',
      path: ['tables', consumer],
      message: `expected one of depends_on: ${consumers}`,
    });
  }
  const message = 'expected the columns that tell rows apart, as write_disposition: merge needs them';
  for (const path of placesWithoutKey(settings))
    context.addIssue({ code: 'custom', path: [...path], message });
  const idle = 'expected it with write_disposition: merge, without which it says nothing';
  for (const path of idleKeys(settings)) context.addIssue({ code: 'custom', path: [...path], message: idle });
}

/** Where a key is given and nothing is merged by it. */
function idleKeys(settings: ProducerTables): readonly (readonly string[])[] {
  const isMerged = (consumer: string) => policyFor(settings, consumer).disposition === 'merge';
  const own = Object.entries(settings.tables).filter(
    ([consumer, { primary_key }]) => primary_key !== undefined && !isMerged(consumer),
  );
  const isIdle = settings.primary_key !== undefined && !settings.depends_on.some(isMerged);
  return [
    ...(isIdle ? [['primary_key']] : []),
    ...own.map(([consumer]) => ['tables', consumer, 'primary_key']),
  ];
}

type ProducerTables = TableSettings & { readonly depends_on: readonly string[] };

function placesWithoutKey(settings: ProducerTables): readonly (readonly string[])[] {
  const keyless = settings.depends_on.filter((consumer) => {
    const { disposition, primaryKey } = policyFor(settings, consumer);
    return disposition === 'merge' && primaryKey.length === 0;
  });
  const isOwn = (consumer: string) => overrideOf(settings, consumer)?.write_disposition !== undefined;
  const own = keyless.filter(isOwn).map((consumer) => ['tables', consumer, 'primary_key']);
  return own.length < keyless.length ? [['primary_key'], ...own] : own;
}

function overrideOf({ tables }: TableSettings, consumer: string) {
  return Object.hasOwn(tables, consumer) ? tables[consumer] : undefined;
}
