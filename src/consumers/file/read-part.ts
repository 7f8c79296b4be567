import type { FileHandle } from 'node:fs/promises';
import type { FileSettings } from './settings.js';

/** Messages that were read together, and where reading goes on behind them: bytes, or rows of a Parquet file. */
export interface ReadPart {
  readonly messages: readonly (string | Uint8Array)[];
  readonly next: number;
  /** Bytes at the end of the file that are no whole message yet. */
  readonly unread?: number;
}

/** Reads a file of one format from a place on, to its end as it is then. */
export type ReadFile = (file: FileHandle, start: number, settings: FileSettings) => AsyncIterable<ReadPart>;
