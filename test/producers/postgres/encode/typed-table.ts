import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { expect, onTestFinished } from 'vitest';
import { readCatalogue } from '../../../../src/producers/postgres/catalogue.js';
import type { ColumnCodec } from '../../../../src/producers/postgres/encode/cell-encoder.js';
import { codecFor } from '../../../../src/producers/postgres/encode/codec-for.js';
import { CopyBuffer } from '../../../../src/producers/postgres/encode/copy-buffer.js';
import { BINARY_FORMAT, type RowFormat, TEXT_FORMAT } from '../../../../src/producers/postgres/row-format.js';
import { JsonScanner } from '../../../../src/utils/json/json-scanner.js';
import type { ColumnSetting } from '../../../../src/utils/rows/decode-settings.js';
import { RowCells } from '../../../../src/utils/rows/row-cells.js';
import { createDatabase } from '../../../support/database.js';

/** What stands for a value that its encoder did not take. */
export const REFUSED = Symbol('refused');

export type Outcome = string | null | typeof REFUSED;

const INT4 = { type: 'int4', category: 'N', modifier: -1, labels: null, elementType: null, elementOid: null };

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** A connection to a new database, in UTC; both are gone when the running test ends. */
export async function connectToNew(): Promise<pg.Client> {
  const database = await createDatabase();
  const { schema: _, ...address } = database.profile();
  const client = new pg.Client(address);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  await client.query("SET TimeZone = 'UTC'");
  return client;
}

/** The cells of a row whose one key `v` has the value that `json` says. */
function cellOf(json: string): RowCells {
  const cells = new RowCells();
  const scanner = new JsonScanner();
  const bytes = Buffer.from(`{"v":${json}}`);
  scanner.reset(bytes, 0, bytes.length);
  cells.read(scanner);
  return cells;
}

/** A table with one column of a type, to which values go by the codec of that type. */
export class TypedTable {
  readonly #client: pg.Client;
  readonly #codec: ColumnCodec;

  constructor(client: pg.Client, codec: ColumnCodec) {
    this.#client = client;
    this.#codec = codec;
  }

  /** @param before statements that make what the type needs */
  static async create(columnType: string, setting?: ColumnSetting, before = ''): Promise<TypedTable> {
    const client = await connectToNew();
    await client.query(before);
    await client.query(`CREATE TABLE t (id int4, v ${columnType})`);
    const column = (await readCatalogue(client, 'public', 't'))?.columns.get('v');
    if (column === undefined) throw new Error('expected the catalogue to have the column');
    return new TypedTable(client, codecFor(column, setting));
  }

  /**
   * What PostgreSQL holds of each value, as its text, after a COPY of those that the codec took: the same by a text one
   * and, where there is one, by a binary one.
   */
  async roundTrip(jsons: readonly string[]): Promise<readonly Outcome[]> {
    const byText = await this.#roundTripAs(TEXT_FORMAT, jsons);
    if (this.#codec.binary === undefined) return byText;
    const byBinary = await this.#roundTripAs(BINARY_FORMAT, jsons);
    expect(byText).toEqual(byBinary);
    return byBinary;
  }

  async #roundTripAs(format: RowFormat, jsons: readonly string[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = jsons.map(() => REFUSED);
    await this.#client.query('TRUNCATE t');
    const copy = this.#client.query(copyFrom(`COPY t (id, v) FROM STDIN (FORMAT ${format.option})`));
    const rows = this.#encode(format, jsons);
    const isBinary = format.option === 'binary';
    await pipeline(Readable.from(isBinary ? [HEADER, rows, Buffer.from([0xff, 0xff])] : [rows]), copy);
    return this.#read(outcomes);
  }

  async #read(outcomes: Outcome[]): Promise<readonly Outcome[]> {
    const { rows } = await this.#client.query<{ id: number; text: string }>(
      'SELECT id, v::text AS text FROM t',
    );
    for (const { id, text } of rows) outcomes[id] = text;
    return outcomes;
  }

  /** What PostgreSQL makes of texts by its own input, `REFUSED` where it raises an error. */
  async ownInput(texts: readonly string[], type: string): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const text of texts) {
      const query = this.#client.query<{ text: string }>(`SELECT $1::text::${type}::text AS text`, [text]);
      outcomes.push(
        await query.then(
          ({ rows }) => rows[0]?.text ?? null,
          () => REFUSED,
        ),
      );
    }
    return outcomes;
  }

  #encode(format: RowFormat, jsons: readonly string[]): Buffer {
    const id = codecFor(INT4);
    const out = new CopyBuffer();
    for (const [at, json] of jsons.entries()) {
      const mark = out.length;
      format.begin(out, 2);
      format.cell(out, id, cellOf(String(at)), 0);
      const fits = format.cell(out, this.#codec, cellOf(json), 0);
      format.end(out);
      if (!fits) out.length = mark;
    }
    return Buffer.from(out.bytes.subarray(0, out.length));
  }
}
