import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { SocketElError } from '../../utils/errors.js';
import type { ReadPart } from './read-part.js';
import { delimiterOf, type FileSettings } from './settings.js';

const BLOCK_BYTES = 256 * 1024;
const ROWS_PER_PART = 1000;
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** A field: undefined is no value. */
type Field = string | null;

interface ParsedRecord {
  readonly record: readonly Field[];
  readonly info: { readonly bytes_records: number; readonly lines: number };
}

/** Reads CSV (RFC 4180, and what people make of it) as an object of texts a row. */
export async function* readCsv(
  file: FileHandle,
  start: number,
  settings: FileSettings,
): AsyncGenerator<ReadPart> {
  const header = await headerOf(file, settings);
  const from = Math.max(start, header.end);
  let rows: string[] = [];
  let next = from;
  for await (const { record, info } of records(file, from, settings)) {
    rows.push(objectOf(header.names, record));
    next = from + info.bytes_records;
    if (rows.length < ROWS_PER_PART) continue;
    yield { messages: rows, next };
    rows = [];
  }
  yield { messages: rows, next };
}

interface Header {
  readonly names: readonly string[];
  /** Where the first row begins. */
  readonly end: number;
}

async function headerOf(file: FileHandle, settings: FileSettings): Promise<Header> {
  const { header } = settings.csv;
  if (header !== true) return { names: header, end: 0 };
  for await (const { record, info } of records(file, 0, settings))
    return { names: uniqueNames(record), end: info.bytes_records };
  return { names: [], end: 0 };
}

/** A column without a name, or with that of another one, gets one of its own. */
function uniqueNames(fields: readonly Field[]): readonly string[] {
  const used = new Set<string>();
  return fields.map((field, index) => {
    const wanted = field === null || field.trim() === '' ? `column_${index + 1}` : field.trim();
    let name = wanted;
    for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`;
    used.add(name);
    return name;
  });
}

async function* records(
  file: FileHandle,
  start: number,
  settings: FileSettings,
): AsyncGenerator<ParsedRecord> {
  const { quote, null: none } = settings.csv;
  const input = Readable.from(blocks(file, start), { objectMode: false });
  const parser = parse({
    bom: start === 0,
    delimiter: delimiterOf(settings),
    quote,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    cast: (field, { quoting }) => (field === none && !quoting ? null : field),
  });
  input.on('error', (error) => parser.destroy(error));
  try {
    for await (const parsed of input.pipe(parser)) yield parsed as ParsedRecord;
  } catch (cause) {
    throw unreadable(cause, settings.path);
  } finally {
    input.destroy();
    parser.destroy();
  }
}

/** A stream of the file itself would close it. */
async function* blocks(file: FileHandle, start: number): AsyncGenerator<Buffer> {
  for (let at = start; ; ) {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, at);
    if (bytesRead === 0) return;
    yield block.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** A row that is too short lacks its last keys; fields beyond the header get names of their own. */
function objectOf(names: readonly string[], fields: readonly Field[]): string {
  const members = fields.map((field, index) => {
    const name = names[index] ?? `column_${index + 1}`;
    return `${JSON.stringify(name)}:${JSON.stringify(field)}`;
  });
  return `{${members.join(',')}}`;
}

function unreadable(cause: unknown, path: string): SocketElError {
  return new SocketElError(
    {
      code: 'source.file',
      path,
      message: `${path}: expected CSV`,
      hint: 'a quote that is never closed takes the rest of the file in; csv.quote and csv.delimiter say what the file uses',
    },
    { cause },
  );
}
