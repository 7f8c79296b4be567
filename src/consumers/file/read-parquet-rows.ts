import type { FileHandle } from 'node:fs/promises';
import { SocketElError } from '../../utils/errors.js';
import { readParquet } from '../../utils/parquet/read-parquet.js';
import type { ReadPart } from './read-part.js';
import type { FileSettings } from './settings.js';

const ROWS_PER_PART = 1000;

/** Reads a Parquet file as an object a row, a row group at a time; 64-bit integers keep their digits. */
export async function* readParquetRows(
  file: FileHandle,
  start: number,
  { path }: FileSettings,
): AsyncGenerator<ReadPart> {
  let next = 0;
  try {
    for await (const { columns, rows } of readParquet(await sourceOf(file))) {
      for (let at = Math.max(0, start - next); at < rows.length; at += ROWS_PER_PART) {
        const part = rows.slice(at, at + ROWS_PER_PART);
        yield { messages: part.map((row) => objectOf(columns, row)), next: next + at + part.length };
      }
      next += rows.length;
    }
  } catch (cause) {
    const message = `${path}: expected a Parquet file, compressed by Snappy, gzip or Brotli if at all`;
    throw new SocketElError({ code: 'source.file', path, message }, { cause });
  }
}

async function sourceOf(file: FileHandle) {
  const { size } = await file.stat();
  return {
    byteLength: size,
    slice: async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, start + length);
        if (bytesRead === 0) throw new Error(`the file ends at byte ${start + length}`);
        length += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

function objectOf(columns: readonly string[], row: readonly unknown[]): string {
  return `{${columns.map((name, i) => `${JSON.stringify(name)}:${jsonOf(row[i])}`).join(',')}}`;
}

/** A value as JSON; bytes as `\x` and digits, as PostgreSQL writes them, and what no JSON number is as text. */
function jsonOf(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (value instanceof Uint8Array) return JSON.stringify(`\\x${Buffer.from(value).toString('hex')}`);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`);
  return `{${members.join(',')}}`;
}
