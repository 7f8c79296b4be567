import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { SocketElError } from '../../utils/errors.js';
import type { Position } from '../../utils/position.js';
import type { FileFormat } from './settings.js';

/** So much of the file's beginning, and of what was read last, is compared before reading goes on in it. */
const COMPARED_BYTES = 1024;

/** How far a file was read. */
export interface FilePosition {
  /** Bytes; of a Parquet file, which is whole from the beginning, rows. */
  readonly offset: number;
  /** CRC-32 of the file's first bytes, at most 1 KiB of those that were read. */
  readonly head: number;
  /** CRC-32 of the bytes before `offset`, at most 1 KiB; of a Parquet file, of its last ones. */
  readonly tail: number;
  /** Absent for NDJSON. */
  readonly format?: string;
}

/** The position behind what was read. */
export async function positionAt(file: FileHandle, offset: number, format: FileFormat): Promise<Position> {
  const edges = await edgesOf(file, await readUpTo(file, offset, format));
  return format === 'ndjson' ? { offset, ...edges } : { offset, ...edges, format };
}

/** @throws SocketElError `source.position_lost` when it is not the file that was read, or not as that format */
export async function assertSameFile(
  file: FileHandle,
  path: string,
  { offset, head, tail, format = 'ndjson' }: FilePosition,
  now: FileFormat,
): Promise<void> {
  const isParquet = format === 'parquet';
  const found = await edgesOf(file, await readUpTo(file, offset, now));
  if (format === now && found.head === head && found.tail === tail) return;
  const what = format === now ? 'another one' : `one that is read as ${now}`;
  throw new SocketElError({
    code: 'source.position_lost',
    path,
    message: `expected the file that was read up to ${isParquet ? 'row' : 'byte'} ${offset}, got ${what} at ${path}`,
    hint: 'give the new file a runner with another name, or restore the old one',
  });
}

export function isFilePosition(position: Position | undefined): position is Position & FilePosition {
  return typeof position === 'object' && position !== null && 'offset' in position && 'head' in position;
}

/** How many bytes of the file are known: those before the offset, or all of a Parquet file. */
async function readUpTo(file: FileHandle, offset: number, format: FileFormat): Promise<number> {
  return format === 'parquet' ? (await file.stat()).size : offset;
}

/** Of a file that is shorter than it was there are fewer bytes, so others. */
async function edgesOf(file: FileHandle, end: number): Promise<Pick<FilePosition, 'head' | 'tail'>> {
  const length = Math.min(COMPARED_BYTES, end);
  const [head, tail] = await Promise.all([crcAt(file, 0, length), crcAt(file, end - length, length)]);
  return { head, tail };
}

async function crcAt(file: FileHandle, from: number, length: number): Promise<number> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return crc32(bytes.subarray(0, bytesRead));
}
