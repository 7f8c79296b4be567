import type { ColumnTypes } from '../../utils/columns/column-table.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import type { SealedFact } from '../log/fact.js';
import type { StageIdentity } from '../log/identity.js';

/** A segment that is to be converted. Plain data, so that it can cross a thread. */
export interface ConversionTask {
  /** The stage's own folder. */
  readonly folder: string;
  readonly identity: StageIdentity;
  /** The batches of the segment, in order. */
  readonly facts: readonly SealedFact[];
  readonly decode: DecodeSettings;
  /** The types that columns had so far. */
  readonly types: ColumnTypes;
}

/** What came of it. */
export interface Conversion {
  /** The file's name; null when no message held a row. */
  readonly file: string | null;
  /** CRC-32 of the file; 0 without one. */
  readonly crc: number;
  readonly rows: number;
  readonly types: ColumnTypes;
  /** What was found damaged, as sentences. */
  readonly alarms: readonly string[];
}

/** Converts a segment. It may be killed anywhere and called again. */
export type ConvertSegment = (task: ConversionTask) => Promise<Conversion>;
