import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { MessageChunk } from '../../stages/stage.js';
import { nowUs } from '../../utils/clock.js';
import { SocketElError } from '../../utils/errors.js';
import { MessageBuffer } from '../../utils/message-buffer.js';
import type { Position } from '../../utils/position.js';
import { Consumer, type SourceExamination } from '../consumer.js';
import type { FileSettings } from './settings.js';

const BLOCK_BYTES = 256 * 1024;
/** So much of the file's beginning is compared before reading goes on in it. */
const HEAD_BYTES = 1024;
const NEWLINE = 0x0a;

/** Bytes of the file that were read, and the CRC-32 of the file's first bytes (at most 1 KiB of those). */
interface FilePosition {
  readonly offset: number;
  readonly head: number;
}

/** Reads a file of one JSON document a line, once, from the position where the last run ended. */
export class FileConsumer extends Consumer<FileSettings> {
  override async *read(signal: AbortSignal, from?: Position): AsyncGenerator<MessageChunk> {
    const path = resolve(this.context.folder, this.settings.path);
    const file = await openFile(path, `${this.context.name}.path`);
    try {
      const start = isFilePosition(from) ? from.offset : 0;
      if (isFilePosition(from)) await assertSameFile(file, path, from);
      yield* lines(file, start, { signal, buffer: new MessageBuffer(this.settings) });
    } finally {
      await file.close();
    }
  }

  override async examine(): Promise<SourceExamination> {
    const path = resolve(this.context.folder, this.settings.path);
    return { findings: [], facts: { path }, addressKey: 'path' };
  }
}

async function openFile(path: string, place: string): Promise<FileHandle> {
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is something else');
    return await open(path, 'r');
  } catch (cause) {
    const hint = 'path is relative to the configuration';
    throw new SocketElError(
      { code: 'source.file', path: place, message: `expected a readable file at ${path}`, hint },
      { cause },
    );
  }
}

async function* lines(
  file: FileHandle,
  start: number,
  { signal, buffer }: { readonly signal: AbortSignal; readonly buffer: MessageBuffer },
): AsyncGenerator<MessageChunk> {
  let offset = start;
  let rest = Buffer.alloc(0);
  while (!signal.aborted) {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, offset + rest.length);
    const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    const end = bytesRead === 0 ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    addLines(buffer, bytes.subarray(0, end));
    offset += end;
    rest = bytes.subarray(end);
    if (buffer.messages > 0)
      yield {
        ...buffer.take(),
        receivedAtUs: nowUs(),
        connection: 0,
        position: await positionAt(file, offset),
      };
    if (bytesRead === 0) return;
  }
}

/** An empty line is no message. */
function addLines(buffer: MessageBuffer, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline < 0 ? bytes.length : newline;
    if (to > from && !isBlankLine(bytes, from, to)) buffer.add(bytes.subarray(from, to));
    from = to + 1;
  }
}

function isBlankLine(bytes: Buffer, from: number, to: number): boolean {
  return to - from === 1 && bytes[from] === 0x0d;
}

async function positionAt(file: FileHandle, offset: number): Promise<Position> {
  return { offset, head: await headOf(file, offset) };
}

async function headOf(file: FileHandle, offset: number): Promise<number> {
  const bytes = Buffer.alloc(Math.min(HEAD_BYTES, offset));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  return crc32(bytes.subarray(0, bytesRead));
}

async function assertSameFile(file: FileHandle, path: string, position: FilePosition): Promise<void> {
  const { size } = await file.stat();
  if (size >= position.offset && (await headOf(file, position.offset)) === position.head) return;
  throw new SocketElError({
    code: 'source.position_lost',
    path,
    message: `expected the file that was read up to byte ${position.offset}, got another one at ${path}`,
    hint: 'give the new file a runner with another name, or restore the old one',
  });
}

function isFilePosition(position: Position | undefined): position is Position & FilePosition {
  return typeof position === 'object' && position !== null && 'offset' in position && 'head' in position;
}
