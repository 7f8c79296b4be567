import type { Batch } from '../../stages/stage.js';
import { JSON_KIND } from '../../utils/json/json-kind.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import { TableRouter } from '../../utils/rows/table-router.js';
import type { TableRoute } from '../../utils/rows/table-setting.js';
import { visitBatch } from '../../utils/rows/visit-batch.js';
import type { Source } from '../producer.js';
import { columnName } from './identifiers.js';
import { Observation } from './infer.js';
import { columnSetting, METADATA_TYPES } from './table-plan.js';

/** The columns that rows ask for, in their order, each with the type that a new one would get; null while only null was seen. */
export type SampleColumns = ReadonlyMap<string, string | null>;

type Observed = Map<string, Observation | undefined>;

/** Looks which columns the rows of a batch ask for, in each table that they go to. */
export async function readSampleColumns(
  { decode }: Source,
  route: string | TableRoute,
  batch: Batch,
): Promise<ReadonlyMap<string, SampleColumns>> {
  const router = typeof route === 'string' ? undefined : new TableRouter(route);
  const renamed = new Map(Object.entries(decode.rename));
  const columnOf = (key: string) => columnName(renamed.get(key) ?? key, decode.metadata);
  const tables = new Map<string, Observed>();
  const row = (cells: RowCells) => {
    const destination = router?.destinationOf(cells) ?? { table: route as string };
    if ('verdict' in destination) return destination.verdict;
    const seen: Observed = tables.get(destination.table) ?? new Map();
    tables.set(destination.table, seen);
    observe(seen, cells, columnOf);
    return undefined;
  };
  const { bytes } = await batch.read();
  visitBatch(bytes, new MessageDecoder(decode), { row, setAside: () => {} });
  return new Map([...tables].map(([table, seen]) => [table, typed(seen, decode)]));
}

function observe(seen: Observed, cells: RowCells, columnOf: (key: string) => string): void {
  for (let i = 0; i < cells.count; i++) {
    const name = columnOf(cells.keys[i] as string);
    const isNull = cells.kinds[i] === JSON_KIND.null;
    const observation = seen.get(name) ?? (isNull ? undefined : new Observation());
    if (!isNull) observation?.observe(cells, i);
    seen.set(name, observation);
  }
}

function typed(seen: Observed, decode: DecodeSettings): SampleColumns {
  const columns = [...seen].map(([name, observation]): [string, string | null] => [
    name,
    observation === undefined ? null : (columnSetting(decode, name)?.type ?? observation.type),
  ]);
  const metadata = decode.metadata.map((name): [string, string] => [name, METADATA_TYPES[name]]);
  return new Map([...columns, ...metadata]);
}
