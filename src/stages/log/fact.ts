import { crc32 } from 'node:zlib';
import type { Position } from '../../utils/position.js';
import type { EndReason } from '../stage.js';

export type SealReason = 'size' | 'bytes' | 'interval' | 'flush' | 'stop' | 'recovered';

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
  readonly messages: number;
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

/** One line of the manifest. Times are RFC 3339 with microseconds, but for `*_us`, microseconds since 1970. */
export type Fact =
  | ManifestFact
  | SealedFact
  | { readonly fact: 'opened'; readonly epoch: number; readonly at: string; readonly pid: number }
  | {
      readonly fact: 'gap';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly to_us: number;
    }
  | { readonly fact: 'received'; readonly until: string; readonly until_us: number }
  | { readonly fact: 'stopped'; readonly epoch: number; readonly at: string }
  | { readonly fact: 'ended'; readonly epoch: number; readonly at: string; readonly by: EndReason };

const CRC_KEY = ',"c":"';
const CRC_LENGTH = CRC_KEY.length + 8 + 2;

/** A fact as its line: JSON whose last key `c` is the CRC-32, in hexadecimal, of everything before it. */
export function factLine(fact: Fact): string {
  const body = JSON.stringify(fact).slice(0, -1);
  return `${body}${CRC_KEY}${checksum(body)}"}\n`;
}

/** The fact of a line without its newline; undefined when the line is damaged. */
export function parseFactLine(line: string): Fact | undefined {
  const body = line.slice(0, -CRC_LENGTH);
  if (line !== `${body}${CRC_KEY}${checksum(body)}"}`) return undefined;
  return JSON.parse(`${body}}`) as Fact;
}

/** Microseconds since 1970 as RFC 3339 in UTC with six fraction digits. */
export function instantText(us: number): string {
  const seconds = new Date(Math.floor(us / 1000)).toISOString().slice(0, 19);
  return `${seconds}.${String(us % 1_000_000).padStart(6, '0')}Z`;
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
