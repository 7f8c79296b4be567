import { expect, test } from 'vitest';
import { CopyBuffer } from '../../../src/producers/postgres/encode/copy-buffer.js';
import { Misfits } from '../../../src/producers/postgres/misfits.js';
import { RowEncoder } from '../../../src/producers/postgres/row-encoder.js';
import { BINARY_FORMAT } from '../../../src/producers/postgres/row-format.js';
import { planTable } from '../../../src/producers/postgres/table-plan.js';
import { NOT_FAST } from '../../../src/utils/rows/fast-lane.js';
import { MessageDecoder } from '../../../src/utils/rows/message-decoder.js';
import type { RowCells } from '../../../src/utils/rows/row-cells.js';
import { visitBatch } from '../../../src/utils/rows/visit-batch.js';
import { nastyMessages } from './nasty-messages.js';

/** Rows are compared in batches of so many messages. */
const BATCH = 1000;
const ROWS = Number(process.env.SOCKET_EL_LANE_ROWS ?? 1_000_000);
const SEED = Number(process.env.SOCKET_EL_LANE_SEED ?? Date.now() % 2 ** 31);

const DECODE = {
  decode: 'json',
  framing: 'message',
  include: {},
  ignore: [],
  rename: {},
  columns: {},
  metadata: [],
} as const;
const IGNORE = [{ '/text': 'heartbeat' }, { '/int8': 0, '/bool': true }];
const TYPES = ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'bool', 'jsonb', 'timestamptz'];

/** The same without a fast lane. */
class GeneralDecoder extends MessageDecoder {
  override decodeFast(): number {
    return NOT_FAST;
  }
}

/** The rows of a table with a column of each type, named as it is, as a binary COPY. */
function createEncoder() {
  const columns = new Map(TYPES.map((type) => [type, columnOf(type)]));
  columns.set('_rest', { ...columnOf('jsonb'), name: '_rest' });
  const policy = { disposition: 'append', contract: 'evolve', maxColumns: 500, primaryKey: [] } as never;
  const place = { schema: 's', table: 't', decode: DECODE as never, policy };
  const plan = planTable({ ...place, active: new Set(TYPES), restKeys: new Set(['ключ', 'ab']) }, {
    columns,
  } as never);
  const out = new CopyBuffer();
  const misfits = new Misfits(plan, new Set());
  const keyNames = new Map<string, Set<string>>();
  const rows = new RowEncoder({ plan, out, misfits, format: BINARY_FORMAT, withPresence: false, keyNames });
  return { out, rows, misfits };
}

function columnOf(type: string) {
  const plain = { isWritable: true, isNotNull: false, isRequired: false, defaultText: null, category: 'U' };
  return { ...plain, name: type, type, typeName: type, modifier: -1, labels: null, elementType: null };
}

function createLane(decoder: MessageDecoder) {
  const { out, rows, misfits } = createEncoder();
  return (bytes: Buffer) => {
    out.length = 0;
    const seen: unknown[] = [];
    const counts = visitBatch(bytes, decoder, {
      row: (cells, at) => {
        const verdict = rows.encode(cells, undefined);
        seen.push([at, cells.start, cells.stop, verdict, cellsOf(cells)]);
        return verdict;
      },
      setAside: ({ raw, ...letter }, at) => seen.push([at, raw.toString('latin1'), letter]),
    });
    const { fastRows, ...balance } = counts;
    const unfit = [[...misfits.widened], [...misfits.created.keys()], misfits.needsRest];
    return {
      fastRows,
      result: { balance, seen, unfit, encoded: out.bytes.toString('latin1', 0, out.length) },
    };
  };
}

function cellsOf({ count, keys, kinds, starts, stops, escaped }: RowCells): string {
  return Array.from(
    { length: count },
    (_, i) => `${keys[i]} ${kinds[i]} ${starts[i]} ${stops[i]} ${escaped[i]}`,
  ).join('\n');
}

test.each([{ ignore: [] as object[] }, { ignore: IGNORE }])(
  `both lanes find the same cells, and write the same bytes (seed ${SEED}, %o)`,
  ({ ignore }) => {
    const settings = { ...DECODE, ignore } as never;
    const [fast, general] = [new MessageDecoder(settings), new GeneralDecoder(settings)].map(createLane) as [
      ReturnType<typeof createLane>,
      ReturnType<typeof createLane>,
    ];
    const messages = nastyMessages(SEED + ignore.length);
    let fastRows = 0;
    for (let done = 0; done < ROWS / 2; done += BATCH) {
      const bytes = Buffer.from(Array.from({ length: BATCH }, () => `${messages.next().value}\n`).join(''));
      const [ours, theirs] = [fast(bytes), general(bytes)];
      if (JSON.stringify(ours.result) !== JSON.stringify(theirs.result))
        expect(ours.result).toEqual(theirs.result);
      expect(theirs.fastRows).toBe(0);
      fastRows += ours.fastRows;
    }
    expect(fastRows, 'rows that the fast lane read').toBeGreaterThan(ROWS / 10);
  },
  300_000,
);

test(`the fast lane takes what JSON.parse takes, with the same values (seed ${SEED})`, () => {
  const messages = nastyMessages(SEED);
  const decoder = new MessageDecoder(DECODE as never);
  for (let done = 0; done < ROWS / 5; done++) {
    const message = messages.next().value;
    const found = readByFastLane(decoder, message);
    if (found !== undefined && JSON.stringify(found) !== JSON.stringify(parse(message)))
      expect(found, message).toEqual(parse(message));
  }
}, 300_000);

/** Undefined when it is not for the fast lane; null when it is malformed. */
function readByFastLane(decoder: MessageDecoder, message: string): object | null | undefined {
  const bytes = Buffer.from(`${message}\n`);
  let row: object | undefined;
  const visitor = {
    row: ({ count, keys, starts, stops }: RowCells) => {
      const value = (i: number) => JSON.parse(bytes.toString('utf8', starts[i], stops[i]));
      row = Object.fromEntries(Array.from({ length: count }, (_, i) => [keys[i], value(i)]));
    },
    deadRow: () => {},
  };
  try {
    return decoder.decodeFast(bytes, 0, visitor) === NOT_FAST ? teach(decoder, bytes) : row;
  } catch {
    return isUnpaired(message) ? undefined : null;
  }
}

/** The general tokenizer learns the keys of a row, so that the fast lane knows them the next time. */
function teach(decoder: MessageDecoder, bytes: Buffer): undefined {
  try {
    decoder.decode(bytes, 0, bytes.length - 1, { row: () => {}, deadRow: () => {} });
  } catch {
    // Malformed, or no row.
  }
}

/** What `JSON.parse` takes and we do not. */
function isUnpaired(message: string): boolean {
  return /\\ud[89a-f]/i.test(message);
}

function parse(message: string): object | null {
  try {
    return JSON.parse(message) as object;
  } catch {
    return null;
  }
}

test.each([
  ['a message in two lines', '{"a":[1,\n2]}\n'],
  ['an end without a newline', '{"a":1}'],
  ['the form of what is no JSON', '{"_raw":"aGk=","_why":"no JSON"}\n'],
])('%s is no row', (_, text) => {
  const decoder = new MessageDecoder(DECODE as never);
  teach(decoder, Buffer.from('{"a":1,"_raw":"1","_why":"2"}\n'));
  let rows = 0;
  visitBatch(Buffer.from(text), decoder, {
    row: () => {
      rows++;
      return undefined;
    },
    setAside: () => {},
  });
  expect(rows).toBe(0);
});

test('rows with more keys than are remembered are read all the same, once each', () => {
  const decoder = new MessageDecoder(DECODE as never);
  const lines = Array.from({ length: 6000 }, (_, i) => `{"key ${i}":${i},"same":1,"same":2}\n`).join('');
  const seen: string[] = [];
  visitBatch(Buffer.from(lines + lines), decoder, {
    row: (cells) => {
      seen.push(`${cells.count} ${cells.keys[0]} ${cells.keys[1]}`);
      return undefined;
    },
    setAside: () => {},
  });
  const once = Array.from({ length: 6000 }, (_, i) => `2 key ${i} same`);
  expect(seen).toEqual([...once, ...once]);
});
