import { join } from 'node:path';

const DIGITS = 10;

/** Where a stage's files lie below its folder. */
export class StageLayout {
  readonly folder: string;
  readonly identity: string;
  readonly lock: string;
  readonly reserve: string;
  readonly manifestFolder: string;
  readonly openFolder: string;
  readonly dataFolder: string;
  readonly cursorFolder: string;

  constructor(folder: string) {
    this.folder = folder;
    this.identity = join(folder, 'stage.json');
    this.lock = join(folder, '.lock');
    this.reserve = join(folder, 'reserve');
    this.manifestFolder = join(folder, 'manifest');
    this.openFolder = join(folder, 'open');
    this.dataFolder = join(folder, 'data');
    this.cursorFolder = join(folder, 'cursors');
  }

  manifest(number: number): string {
    return join(this.manifestFolder, `${pad(number)}.ndjson`);
  }

  /** A segment, while it is being appended to (`open`) or for good (`data`). */
  segment(where: 'open' | 'data', number: number): string {
    return join(this.folder, where, `${pad(number)}.ndjson`);
  }

  /** The receipts of a segment's messages. */
  receipts(where: 'open' | 'data', number: number): string {
    return join(this.folder, where, `${pad(number)}.idx`);
  }

  /** Batches [from, to] as Parquet. */
  parquet(from: number, to: number): string {
    return join(this.dataFolder, `${pad(from)}-${pad(to)}.parquet`);
  }

  cursor(reader: string): string {
    return join(this.cursorFolder, `${reader}.json`);
  }

  /** How often a reader has begun with its next batch. */
  attempts(reader: string): string {
    return join(this.cursorFolder, `${reader}.attempts`);
  }

  cursorLock(reader: string): string {
    return join(this.cursorFolder, `${reader}.lock`);
  }
}

/** The numbers in names such as `0000000007.ndjson`, ascending; other names are passed over. */
export function numbersIn(names: readonly string[]): readonly number[] {
  const matches = names
    .map((name) => /^(\d{10,})\.ndjson$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined);
  return matches.map(Number).sort((a, b) => a - b);
}

/** The batches in a Parquet file, by its name; undefined when it is not the name of one. */
export function parquetRange(name: string): { readonly from: number; readonly to: number } | undefined {
  const [, from, to] = /^(\d{10,})-(\d{10,})\.parquet$/.exec(name) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
}

function pad(number: number): string {
  return String(number).padStart(DIGITS, '0');
}
