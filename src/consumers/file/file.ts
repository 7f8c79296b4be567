import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { MessageChunk } from '../../stages/stage.js';
import { SocketElError } from '../../utils/errors.js';
import type { Position } from '../../utils/position.js';
import { Consumer, type SourceExamination } from '../consumer.js';
import { assertSameFile, isFilePosition, positionAt } from './file-position.js';
import { readNdjson } from './read-ndjson.js';
import type { ReadFile } from './read-part.js';
import { type FileFormat, type FileSettings, formatOf } from './settings.js';

/** Reads a file once, from the position where the last run ended. */
export class FileConsumer extends Consumer<FileSettings> {
  override async *read(signal: AbortSignal, from?: Position): AsyncGenerator<MessageChunk> {
    const path = resolve(this.context.folder, this.settings.path);
    const format = formatOf(this.settings);
    const file = await openFile(path, `${this.context.name}.path`);
    try {
      const start = isFilePosition(from) ? from.offset : 0;
      if (isFilePosition(from)) await assertSameFile(file, path, from, format);
      const readFile = await readerOf(format);
      for await (const { messages, next, unread = 0 } of readFile(file, start, this.settings)) {
        if (unread > 0) this.#tellUnread(path, unread);
        await this.#tellProgress(file, next, format);
        if (messages.length > 0)
          yield this.chunk(messages, { position: await positionAt(file, next, format) });
        if (signal.aborted) return;
      }
    } finally {
      await file.close();
    }
  }

  override async examine(): Promise<SourceExamination> {
    const path = resolve(this.context.folder, this.settings.path);
    return { findings: [], facts: { path, format: formatOf(this.settings) }, addressKey: 'path' };
  }

  #tellUnread(path: string, bytes: number): void {
    const message = `${path}: the last line is not whole, ${bytes} bytes of it are left to a later run`;
    const hint = 'a line is whole with its newline, or when it is a JSON document without one';
    this.context.logger.log({ level: 'warn', message, hint });
  }

  /** The rows of a Parquet file are not known before they are read. */
  async #tellProgress(file: FileHandle, next: number, format: FileFormat): Promise<void> {
    if (format !== 'parquet') this.context.onProgress?.(next, (await file.stat()).size);
  }
}

/** Only the reader that is needed is imported. */
async function readerOf(format: FileFormat): Promise<ReadFile> {
  if (format === 'csv') return (await import('./read-csv.js')).readCsv;
  if (format === 'parquet') return (await import('./read-parquet-rows.js')).readParquetRows;
  return readNdjson;
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
