import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { SocketElError } from '../../utils/errors.js';
import type { Position } from '../../utils/position.js';
import type { FileFormat } from './settings.js';

/** So much of the file's beginning is compared before reading goes on in it. */
const HEAD_BYTES = 1024;

/** How far a file was read. */
export interface FilePosition {
  /** Bytes; of a Parquet file, which is whole from the beginning, rows. */
  readonly offset: number;
  /** CRC-32 of the file's first bytes, at most 1 KiB of those that were read. */
  readonly head: number;
  /** Absent for NDJSON. */
  readonly format?: string;
}

/** The position behind what was read. */
export async function positionAt(file: FileHandle, offset: number, format: FileFormat): Promise<Position> {
  const head = await headOf(file, format === 'parquet' ? HEAD_BYTES : offset);
  return format === 'ndjson' ? { offset, head } : { offset, head, format };
}

/** @throws SocketElError `source.position_lost` when it is not the file that was read, or not as that format */
export async function assertSameFile(
  file: FileHandle,
  path: string,
  { offset, head, format = 'ndjson' }: FilePosition,
  now: FileFormat,
): Promise<void> {
  const { size } = await file.stat();
  const isParquet = format === 'parquet';
  const isLongEnough = isParquet || size >= offset;
  if (format === now && isLongEnough && (await headOf(file, isParquet ? HEAD_BYTES : offset)) === head)
    return;
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

async function headOf(file: FileHandle, read: number): Promise<number> {
  const bytes = Buffer.alloc(Math.min(HEAD_BYTES, read));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  return crc32(bytes.subarray(0, bytesRead));
}
