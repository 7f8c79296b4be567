import type { ColumnTypes } from '../../utils/columns/column-table.js';
import type { Position } from '../../utils/position.js';
import type { EndReason } from '../stage.js';
import { checkedLine, parseCheckedLine } from './checked-line.js';

/** Why a batch was sealed; `mended` is one whose line was damaged, found again by the index of its segment. */
export type SealReason =
  | 'size'
  | 'bytes'
  | 'interval'
  | 'flush'
  | 'roll'
  | 'stop'
  | 'recovered'
  | 'mended'
  | 'pause'
  | 'set'
  | 'disk_error';

/** The first line of every manifest file: what must be known when the files before it are gone. */
export interface ManifestFact {
  readonly fact: 'manifest';
  readonly version: 1;
  readonly stage: string;
  readonly next_seq: number;
  readonly next_segment: number;
  readonly epoch: number;
  /** Whether the source had ended for good. */
  readonly ended: boolean;
  readonly position: Position | null;
  readonly last_received_us: number | null;
  /** The segments that are not finished, and how far each is sealed. */
  readonly open: readonly { readonly segment: number; readonly to: number; readonly receipts: number }[];
  /** Messages and bytes of all batches until here. */
  readonly messages: number;
  readonly bytes: number;
  readonly pruned: { readonly through: number; readonly bytes: number };
  readonly converted: { readonly through: number; readonly types: ColumnTypes };
}

/** A batch: bytes [from, to) of a segment and records [receipts[0], receipts[1]) of its `.idx`. */
export interface SealedFact {
  readonly fact: 'sealed';
  readonly seq: number;
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  readonly messages: number;
  readonly crc: number;
  readonly receipts: readonly [number, number];
  readonly received_us: number;
  readonly position?: Position | undefined;
  readonly by: SealReason;
}

/** Batches [from, to] stand in a Parquet file too; `file` is null when none of their messages held a row. */
interface ConvertedFact {
  readonly fact: 'converted';
  readonly from: number;
  readonly to: number;
  readonly file: string | null;
  /** CRC-32 of the file. */
  readonly crc: number;
  readonly rows: number;
  readonly types: ColumnTypes;
}

/** One line of the manifest. Times are RFC 3339 with microseconds, but for `*_us`, microseconds since 1970. */
export type Fact =
  | ManifestFact
  | SealedFact
  | ConvertedFact
  | { readonly fact: 'opened'; readonly epoch: number; readonly at: string; readonly pid: number }
  | {
      readonly fact: 'gap';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly to_us: number;
    }
  | { readonly fact: 'received'; readonly until: string; readonly until_us: number }
  /** The messages of all batches up to `through`, `bytes` in all since the stage began, are no longer kept. */
  | { readonly fact: 'pruned'; readonly through: number; readonly bytes: number; readonly at: string }
  /** Numbers that no batch has or will have: their lines were damaged, and their messages were cut off. */
  | { readonly fact: 'void'; readonly from: number; readonly to: number }
  | { readonly fact: 'alarm'; readonly at: string; readonly what: string }
  | { readonly fact: 'stopped'; readonly epoch: number; readonly at: string }
  | { readonly fact: 'ended'; readonly epoch: number; readonly at: string; readonly by: EndReason };

/** A fact as its line. */
export function factLine(fact: Fact): string {
  return `${checkedLine(fact)}\n`;
}

/** The fact of a line without its newline; undefined when the line is damaged. */
export function parseFactLine(line: string): Fact | undefined {
  return parseCheckedLine(line) as Fact | undefined;
}
