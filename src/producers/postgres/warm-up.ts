import { Pacer } from '../../utils/pacer.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import { BatchVisit, type BatchVisitor } from '../../utils/rows/visit-batch.js';
import { plannedColumn } from './catalogue.js';
import { CopyBuffer } from './encode/copy-buffer.js';
import { allocateForKernel } from './encode/kernel-memory.js';
import { Misfits } from './misfits.js';
import { RowEncoder } from './row-encoder.js';
import { BINARY_FORMAT } from './row-format.js';
import { planTable } from './table-plan.js';

const ROWS_A_ROUND = 500;
const ROUNDS = 8;
const COLUMNS = { i: 'int8', f: 'float8', t: 'text', u: 'text', b: 'bool' } as const;

/**
 * Decodes and encodes made-up rows, a moment long, while the server is asked about its tables. Until V8 has compiled the
 * code it takes a dozen times as long, and the first batch of a fast source has tens of thousands of rows.
 */
export async function warmUp(): Promise<void> {
  const bytes = Buffer.from(madeUpRows());
  const pacer = new Pacer(1);
  for (let round = 0; round < ROUNDS; round++) {
    encode(bytes);
    await pacer.done(1);
  }
}

function madeUpRows(): string {
  const rows = Array.from({ length: ROWS_A_ROUND }, (_, i) => ({
    i: 1_571_254_800_123 + i,
    f: i + 0.25,
    t: 'text',
    u: `some more of it, ${i}`,
    b: i % 2 === 0,
  }));
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function encode(bytes: Buffer): void {
  const decode = { decode: 'json', framing: 'message', include: {}, ignore: [], rename: {} } as const;
  const settings = { ...decode, ignore: [], columns: {}, metadata: [] };
  const columns = new Map(Object.entries(COLUMNS).map(([name, type]) => [name, plannedColumn(name, type)]));
  const policy = {
    disposition: 'append',
    contract: 'evolve',
    primaryKey: [],
    isPoisonDead: false,
    maxColumns: 10,
    widenLimit: 0,
  } as const;
  const catalogue = { columns, kind: 'r', persistence: 'p', hasRules: false };
  const place = { schema: '', table: '', decode: settings, policy };
  const plan = planTable({ ...place, active: new Set(), restKeys: new Set() }, catalogue);
  const out = new CopyBuffer(undefined, allocateForKernel);
  const rows = new RowEncoder({
    plan,
    out,
    misfits: new Misfits(plan, new Set()),
    format: BINARY_FORMAT,
    withPresence: false,
    keyNames: new Map(),
  });
  const visitor: BatchVisitor = {
    row: (cells) => rows.encode(cells, undefined),
    rows: (cells, from, to) => rows.encodeMany(cells, { bytes, from, to }, undefined),
    setAside: () => {},
  };
  new BatchVisit(bytes, new MessageDecoder(settings), visitor).go(bytes.length);
}
