import type { Batch } from '../../stages/stage.js';
import { JSON_KIND } from '../../utils/json/json-kind.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import { visitBatch } from '../../utils/rows/visit-batch.js';
import type { Source } from '../producer.js';
import { columnName } from './identifiers.js';
import { Observation } from './infer.js';
import { columnSetting, METADATA_TYPES } from './table-plan.js';

/** The columns that rows ask for, in their order, each with the type that a new one would get; null while only null was seen. */
export type SampleColumns = ReadonlyMap<string, string | null>;

/** Looks which columns the rows of a batch ask for. */
export async function readSampleColumns({ decode }: Source, batch: Batch): Promise<SampleColumns> {
  const renamed = new Map(Object.entries(decode.rename));
  const seen = new Map<string, Observation | undefined>();
  const observe = (cells: RowCells) => {
    for (let i = 0; i < cells.count; i++) {
      const key = cells.keys[i] as string;
      const name = columnName(renamed.get(key) ?? key, decode.metadata);
      const isNull = cells.kinds[i] === JSON_KIND.null;
      const observation = seen.get(name) ?? (isNull ? undefined : new Observation());
      if (!isNull) observation?.observe(cells, i);
      seen.set(name, observation);
    }
    return undefined;
  };
  const { bytes } = await batch.read();
  visitBatch(bytes, new MessageDecoder(decode), { row: observe, setAside: () => {} });
  const columns = [...seen].map(([name, observation]): [string, string | null] => [
    name,
    observation === undefined ? null : (columnSetting(decode, name)?.type ?? observation.type),
  ]);
  const metadata = decode.metadata.map((name): [string, string] => [name, METADATA_TYPES[name]]);
  return new Map([...columns, ...(columns.length === 0 ? [] : metadata)]);
}
