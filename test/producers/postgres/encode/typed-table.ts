import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { onTestFinished } from 'vitest';
import { readCatalogue } from '../../../../src/producers/postgres/catalogue.js';
import { CopyBuffer } from '../../../../src/producers/postgres/encode/copy-buffer.js';
import { type EncodedType, encoderFor } from '../../../../src/producers/postgres/encode/encoder-for.js';
import { JsonScanner } from '../../../../src/utils/json/json-scanner.js';
import { RowCells } from '../../../../src/utils/rows/row-cells.js';
import { createDatabase } from '../../../support/database.js';

/** What stands for a value that its encoder did not take. */
export const REFUSED = Symbol('refused');

export type Outcome = string | null | typeof REFUSED;

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

/** A table with one column of a type, to which values go by the encoder of that type. */
export class TypedTable {
  readonly #client: pg.Client;
  readonly #type: EncodedType;

  constructor(client: pg.Client, type: EncodedType) {
    this.#client = client;
    this.#type = type;
  }

  static async create(columnType: string, unit?: EncodedType['unit']): Promise<TypedTable> {
    const client = await connectToNew();
    await client.query(`CREATE TABLE t (id int4, v ${columnType})`);
    const column = (await readCatalogue(client, 'public', 't'))?.get('v');
    if (column === undefined) throw new Error('expected the catalogue to have the column');
    return new TypedTable(client, { type: column.type, modifier: column.modifier, unit });
  }

  /** What PostgreSQL holds of each value, as its text, after a binary COPY of those that the encoder took. */
  async roundTrip(jsons: readonly string[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = jsons.map(() => REFUSED);
    await this.#client.query('TRUNCATE t');
    const rows = this.#encode(jsons);
    await this.#copy(rows);
    return this.#read(outcomes);
  }

  async #copy(rows: Buffer): Promise<void> {
    const copy = this.#client.query(copyFrom('COPY t (id, v) FROM STDIN (FORMAT binary)'));
    await pipeline(Readable.from([HEADER, rows, Buffer.from([0xff, 0xff])]), copy);
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

  #encode(jsons: readonly string[]): Buffer {
    const encode = encoderFor(this.#type);
    if (encode === undefined) throw new Error(`expected an encoder for ${this.#type.type}`);
    const out = new CopyBuffer();
    for (const [id, json] of jsons.entries()) {
      const mark = out.length;
      out.putInt16(2);
      out.putInt32(4);
      out.putInt32(id);
      if (!encode(out, cellOf(json), 0)) out.length = mark;
    }
    return Buffer.from(out.bytes.subarray(0, out.length));
  }
}
