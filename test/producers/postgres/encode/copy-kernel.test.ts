import { execFileSync } from 'node:child_process';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { AlikeRows } from '../../../../src/producers/postgres/alike-rows.js';
import { encodeBatch } from '../../../../src/producers/postgres/batch-encoder.js';
import { type CatalogueColumn, plannedColumn } from '../../../../src/producers/postgres/catalogue.js';
import { CopyBuffer } from '../../../../src/producers/postgres/encode/copy-buffer.js';
import { allocateForKernel, kernelOf } from '../../../../src/producers/postgres/encode/kernel-memory.js';
import { GroupEncoding } from '../../../../src/producers/postgres/group-encoding.js';
import { Misfits } from '../../../../src/producers/postgres/misfits.js';
import { TableEncoding } from '../../../../src/producers/postgres/table-encoding.js';
import { planTable } from '../../../../src/producers/postgres/table-plan.js';
import type { Batch } from '../../../../src/stages/stage.js';
import { Pacer } from '../../../../src/utils/pacer.js';
import { MessageDecoder } from '../../../../src/utils/rows/message-decoder.js';
import { decodeSettings } from '../../../stages/staged.js';
import { createRandom, pick } from '../../../support/random.js';
import { damaged, nastyValue } from '../../../utils/rows/nasty-messages.js';

const BATCH = 2000;
const ROWS = Number(process.env.SOCKET_EL_LANE_ROWS ?? 1_000_000);
const SEED = Number(process.env.SOCKET_EL_LANE_SEED ?? Date.now() % 2 ** 31);
const BATCH_SEQ = 1;

/** By the type of a column, what it takes mostly. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  int2: ['0', '-0', '32767', '-32767', '17'],
  int4: ['0', '2147483647', '-2147483647', '1', '999999999'],
  int8: ['0', '-1', '1571254800123', '999999999999999999', '-999999999999999999'],
  float8: ['0', '-0', '-0.0', '63251.12', '0.00001234567891', '999999999999999', '1.10'],
  text: ['""', '"binance"', '"größer 😀"', '"of exactly 16 b."', `"${'some longer text '.repeat(9)}"`],
  bool: ['true', 'false'],
  numeric: [
    ...['0', '0.00', '1.10', '-0.5', '10000', '100000000', '0.0001', '99999999.9999999', '123456789012345'],
    ...[
      '1000000.0001',
      '0.00010000',
      '-10000.00000',
      '12345.678901',
      '"63251.12"',
      '"-12.50"',
      '"0"',
      '"0.000"',
    ],
  ],
};
const TYPES = Object.keys(GOOD);
/** What is just not of the commonest form. */
const NEAR = [
  '1000000000000000000',
  '32768',
  '-2147483648',
  '1234567890123456',
  '5e-7',
  '"a\\nb"',
  '{"a":1}',
  ...[
    '"-0"',
    '"-0.0"',
    '"007"',
    '"1e5"',
    '"1."',
    '" 1"',
    '"1 "',
    '"12',
    '"1x',
    '0.000000000000001',
    '"1234567890.123456"',
  ],
];
const LONG_KEY = 'a key of more than sixteen bytes';

interface Shape {
  readonly columns: readonly CatalogueColumn[];
  readonly keys: readonly string[];
  readonly hasMetadata: boolean;
  readonly ignore: readonly object[];
}

/** Tables whose columns take NULL or not, have keys of their own or not, and stand in any order. */
function anyShape(random: () => number): Shape {
  const own = TYPES.flatMap((type) => [type, `${type} again`]);
  const columns = [...own, LONG_KEY]
    .filter(() => random() < 0.7)
    .map((name) => ({
      ...plannedColumn(name, TYPES.find((type) => name.startsWith(type)) ?? 'text'),
      isNotNull: random() < 0.2,
    }))
    .toSorted(() => random() - 0.5);
  const keys = columns.map(({ name }) => name).filter(() => random() < 0.9);
  const hasMetadata = random() < 0.3;
  const others = hasMetadata
    ? [plannedColumn('received_at', 'timestamptz'), plannedColumn('_rest', 'jsonb')]
    : [];
  const ignore = random() < 0.2 ? [{ '/text': 'binance' }] : [];
  return { columns: [...columns, ...others], keys: keys.toSorted(() => random() - 0.5), hasMetadata, ignore };
}

/** Messages of which most are alike. */
function* anyMessages(random: () => number, { columns, keys }: Shape): Generator<string, never> {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  const oddity = pick(random, [0, 0.0005, 0.01, 0.1]);
  const [colon, comma] = [pick(random, [':', ': ']), pick(random, [',', ', '])];
  for (;;) {
    const some = random() < oddity ? keys.filter(() => random() < 0.8) : keys;
    const members = some.map((key) => {
      const value = random() < oddity ? oddValue(random) : pick(random, GOOD[typeOf.get(key) ?? ''] ?? ['1']);
      return `"${key}"${colon}${random() < oddity ? 'null' : value}`;
    });
    const message = `{${members.join(comma)}}`;
    yield random() < oddity ? damaged(random, message) : message;
  }
}

function oddValue(random: () => number): string {
  return random() < 0.5 ? nastyValue(random) : pick(random, NEAR);
}

function createEncode({ columns, hasMetadata, ignore }: Shape) {
  const metadata = hasMetadata ? ['received_at'] : [];
  const decode = decodeSettings({ ignore, metadata });
  const policy = { disposition: 'append', contract: 'evolve', maxColumns: 500, primaryKey: [] } as never;
  const active = new Set(columns.map(({ name }) => name));
  const catalogue = { columns: new Map(columns.map((column) => [column.name, column])) } as never;
  const plan = planTable({ schema: 's', table: 't', decode, policy, active, restKeys: new Set() }, catalogue);
  const decoder = new MessageDecoder(decode);
  return async (bytes: Buffer, isOneByOne: boolean) => {
    const out = new CopyBuffer(16, allocateForKernel);
    const misfits = new Misfits(plan, new Set());
    const parts = { plan, out, misfits, keyNames: new Map(), hasPresence: false };
    // Rows that may be poison are taken one by one.
    const task = { isProbe: false, poison: isOneByOne ? new Map() : undefined };
    const target = { table: 't', policy, isPlan: () => true, release: () => {} } as never;
    const encoding = new TableEncoding(target, task, parts);
    const group = new GroupEncoding([encoding], 't', undefined);
    group.beginBatch(BATCH_SEQ);
    const decoding = { decoder, pacer: new Pacer(8 * 1024) };
    const encoded = await encodeBatch(
      { seq: BATCH_SEQ } as Batch,
      { bytes, receipts: receiptsOf(bytes) },
      decoding,
      group,
    );
    const unfit = [
      [...misfits.widened.keys()],
      [...misfits.created.keys()],
      misfits.needsRest,
      misfits.needsDefaults,
    ];
    // That depends on what the decoder has seen before.
    const { fastRows: _, ...counts } = encoded;
    return { encoded: counts, unfit, bytes: out.bytes.toString('latin1', 0, out.length) };
  };
}

/** One for every few lines. */
function receiptsOf(bytes: Buffer) {
  const starts: number[] = [];
  for (let at = 0; at >= 0; at = bytes.indexOf('\n', at + 1)) starts.push(at === 0 ? 0 : at + 1);
  return starts
    .filter((_, i) => i % 97 === 0)
    .map((offset, i) => ({ offset, receivedAtUs: 1_700_000_000_000_000 + i, connection: 1 }));
}

/** Lines in a kernel's memory, behind which others go on, as those of the batch that lay there before. */
function inPlace(lines: Buffer, behind: string): Buffer {
  const room = allocateForKernel(lines.length + behind.length);
  room.set(lines);
  room.write(behind, lines.length, 'latin1');
  return room.subarray(0, lines.length);
}

afterEach(() => vi.restoreAllMocks());

test(`rows that are taken many at once are the same as one by one (seed ${SEED})`, async () => {
  const random = createRandom(SEED);
  const run = vi.spyOn(AlikeRows.prototype, 'run');
  let taken = 0;
  for (let done = 0; done < ROWS; done += BATCH) {
    const shape = anyShape(random);
    const messages = anyMessages(random, shape);
    const encode = createEncode(shape);
    const bytes = Buffer.from(Array.from({ length: BATCH }, () => `${messages.next().value}\n`).join(''));
    const theirs = await encode(bytes, true);
    expect(run).not.toHaveBeenCalled();
    const isInPlace = random() < 0.7;
    const ours = await encode(isInPlace ? inPlace(bytes, `${messages.next().value}\n`) : bytes, false);
    for (const { value } of run.mock.results) taken += (value as { rows: number }).rows;
    run.mockClear();
    if (ours.bytes !== theirs.bytes || JSON.stringify(ours) !== JSON.stringify(theirs))
      expect(ours, `batch at row ${done}`).toEqual(theirs);
  }
  console.log(`taken many at once: ${taken} of ${ROWS} rows`);
  expect(taken).toBeGreaterThan(ROWS / 4);
}, 300_000);

test('a row that ends with the input, or is longer than what is looked at, is taken by another lane, whole', async () => {
  const encode = createEncode({
    columns: [plannedColumn('text', 'text')],
    keys: [],
    hasMetadata: false,
    ignore: [],
  });
  const rows = [1, 5, 4000, 5000, 400_000, 3, 270_000, 16].map(
    (length) => `{"text":"${'x'.repeat(length)}"}\n`,
  );
  const bytes = Buffer.from([...rows, ...rows, '{"text":"x"}'].join(''));
  const theirs = await encode(bytes, true);
  for (const lines of [bytes, inPlace(bytes, '\n{"text":"y"}\n'), inPlace(bytes, '')]) {
    const ours = await encode(lines, false);
    expect(ours.encoded.loadedRows).toBe(2 * rows.length);
    expect(ours.bytes === theirs.bytes).toBe(true);
  }
});

test('a line that has not ended is not taken, whatever lies behind it', async () => {
  const encode = createEncode({
    columns: [plannedColumn('int8', 'int8')],
    keys: [],
    hasMetadata: false,
    ignore: [],
  });
  const lines = '{"int8":1}\n'.repeat(100);
  for (const cut of ['{"int8":2}', '{"int8":2', '{"int8":', '{', '']) {
    const behind = '{"int8":2}\n{"int8":3}\n'.slice(cut.length);
    const ours = await encode(inPlace(Buffer.from(lines + cut), behind), false);
    expect(ours.encoded).toMatchObject({ loadedRows: 100, deadRows: 0, deadMessages: 0 });
  }
});

test('pieces of memory do not overlap, are zeroed, and have a kernel however large they are', () => {
  const sizes = [1, 100, 0, 5_000_000, 300_000_000, 64, 200_000_000, 100_000_000];
  const pieces = sizes.map((size) => allocateForKernel(size));
  for (const [i, piece] of pieces.entries()) {
    expect(piece).toHaveLength(sizes[i] as number);
    expect(kernelOf(piece)).toBeDefined();
    expect([piece[0] ?? 0, piece.at(-1) ?? 0]).toEqual([0, 0]);
    const next = pieces.find((other) => other.buffer === piece.buffer && other.byteOffset > piece.byteOffset);
    if (next !== undefined)
      expect(next.byteOffset - piece.byteOffset).toBeGreaterThanOrEqual(piece.length + 32);
  }
});

test('where there is too little address space, memory has no kernel', () => {
  const module = new URL('../../../../dist/producers/postgres/encode/kernel-memory.js', import.meta.url);
  const script = `import('${module}').then(({ allocateForKernel, kernelOf }) => {
    const piece = allocateForKernel(10_000_000);
    console.log(piece.length, kernelOf(piece));
  })`;
  // Kibibytes.
  const command = 'ulimit -v 5000000 && exec "$0" -e "$1"';
  const printed = execFileSync('bash', ['-c', command, process.execPath, script], { encoding: 'utf8' });
  expect(printed).toBe('10000000 undefined\n');
});

test('without WebAssembly all rows are taken one by one', async () => {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const memory = await import('../../../../src/producers/postgres/encode/kernel-memory.js');
  for (const length of [1000, 10_000_000]) {
    const piece = memory.allocateForKernel(length);
    expect(piece).toHaveLength(length);
    expect(memory.kernelOf(piece)).toBeUndefined();
  }
});
