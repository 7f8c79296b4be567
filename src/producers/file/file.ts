import { access, constants, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Batch } from '../../stages/stage.js';
import { DurableFolders, writeDurably } from '../../utils/durable-file.js';
import { BlockedError } from '../../utils/errors.js';
import type { Examination } from '../../utils/examination.js';
import { instantText } from '../../utils/instant-text.js';
import { noCounts } from '../../utils/rows/visit-batch.js';
import { Producer, type Receipt, type Source } from '../producer.js';
import { type BatchFiles, sortBatch } from './batch-files.js';
import { FORMATS } from './formats.js';
import { fixedPart } from './path-template.js';
import type { FileSettings } from './settings.js';

/** Below the fixed part of the path; a table of this name would have none of its files. */
const DEAD_LETTERS = '_dead_letters';
const ID_LENGTH = 8;
const WRITABLE = constants.W_OK | constants.X_OK;

/**
 * Writes rows to files, those of a batch to a file in each folder, whose name is made of the batch's number: a batch that is
 * loaded a second time replaces its own files by the same ones, so each row is there once.
 */
export class FileProducer extends Producer<FileSettings> {
  #folders: DurableFolders | undefined;
  /** Consumers whose dead letters were told of. */
  readonly #warned = new Set<string>();

  override async open(): Promise<void> {
    try {
      const { folder } = this.context;
      const isWithin = this.#root.startsWith(`${folder}${sep}`);
      this.#folders ??= new DurableFolders(isWithin ? folder : this.#root);
      await this.#folders.make(this.#root);
      await access(this.#root, WRITABLE);
    } catch (cause) {
      throw unwritable(this.#root, cause);
    }
  }

  override async write(batches: readonly Batch[], source: Source): Promise<Receipt> {
    const totals = noCounts();
    for (const batch of batches) {
      const sorted = sortBatch(await batch.read(), {
        template: this.settings.path,
        source,
        withMetadata: this.settings.format !== 'parquet',
      });
      await this.#writeBatch(batch, source, sorted);
      for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += sorted.counts[key];
    }
    const messages = batches.reduce((sum, batch) => sum + batch.messages, 0);
    const rows = totals.loadedRows + totals.deadRows + totals.discardedRows;
    return { ...totals, messages, rows, skippedMessages: 0, skippedRows: 0 };
  }

  override async examine(): Promise<Examination> {
    try {
      await access(await nearestFolder(this.#root), WRITABLE);
    } catch (cause) {
      throw unwritable(this.#root, cause);
    }
    const findings = [{ state: 'ok', text: `files can be written below ${this.#root}` }] as const;
    return { findings, facts: { folder: this.#root, format: this.settings.format } };
  }

  /** The folder that all files stand below. */
  get #root(): string {
    return resolve(this.context.folder, fixedPart(this.settings.path));
  }

  async #writeFile(folder: string, name: string, content: string | Uint8Array): Promise<void> {
    await this.#folders?.make(folder);
    await writeDurably(join(folder, name), content);
  }

  async #writeBatch(batch: Batch, { decode }: Source, { groups, letters }: BatchFiles): Promise<void> {
    const { format } = this.settings;
    const name = fileName(batch);
    try {
      for (const [folder, rows] of groups) {
        const content = await FORMATS[format](rows, decode);
        await this.#writeFile(resolve(this.context.folder, folder), `${name}.${format}`, content);
      }
      if (letters.length > 0) await this.#setAside(batch, letters);
    } catch (cause) {
      throw unwritable(this.#root, cause);
    }
  }

  /** The first of each consumer is worth a word. */
  async #setAside(batch: Batch, letters: BatchFiles['letters']): Promise<void> {
    const folder = join(this.#root, DEAD_LETTERS);
    await this.#writeFile(folder, `${fileName(batch)}.ndjson`, lettersText(batch, letters));
    const [first] = letters;
    if (first === undefined || this.#warned.has(batch.consumer)) return;
    this.#warned.add(batch.consumer);
    const message = `${batch.consumer}: a dead letter, and maybe more to come: ${first.letter.reason}`;
    this.context.logger.log({
      level: 'warn',
      message,
      hint: `they are in ${folder}, with their bytes in base64`,
    });
  }
}

/** The folder itself, or the first above it that is there. */
async function nearestFolder(folder: string): Promise<string> {
  const status = await stat(folder).catch(() => undefined);
  if (status === undefined && dirname(folder) !== folder) return nearestFolder(dirname(folder));
  if (status?.isDirectory() !== true) throw new Error(`${folder} is no folder`);
  return folder;
}

/** Stages differ in their id, batches of a stage in their number. */
function fileName({ consumer, stageId, seq }: Batch): string {
  return `${consumer}-${stageId.slice(0, ID_LENGTH)}-${String(seq).padStart(10, '0')}`;
}

function lettersText({ consumer, seq }: Batch, letters: BatchFiles['letters']): string {
  const lines = letters.map(({ letter, receivedAtUs }) => {
    const { message, isRow, reason, raw } = letter;
    const received_at = receivedAtUs === undefined ? null : instantText(receivedAtUs);
    return JSON.stringify({
      consumer,
      seq,
      message,
      is_row: isRow,
      reason,
      received_at,
      raw: raw.toString('base64'),
    });
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** A full disk or a missing right is somebody's to mend; the data waits in the stage. */
function unwritable(folder: string, cause: unknown): BlockedError {
  const hint = 'path is relative to the configuration; is there room, and may this user write there?';
  return new BlockedError(
    { code: 'sink.refused', message: `expected to write files below ${folder}`, hint },
    { cause },
  );
}
