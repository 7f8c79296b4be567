import { BlockedError } from '../../utils/errors.js';
import type { TableEncoding } from './table-encoding.js';

/** Rows that the server refuses, by batch and the row's number among those of its target in the batch, from 0: the reason. */
export type PoisonRows = ReadonlyMap<number, ReadonlyMap<number, string>>;

/** Poison by target. */
export type Poison = ReadonlyMap<string, PoisonRows>;

export const NO_POISON: Poison = new Map();

/** Of a batch, so many refused rows are thought to be the rows' fault and not the table's: a hundredth, within these bounds. */
const FEW = { share: 0.01, least: 10, most: 1000 } as const;

/** How many rows were found. */
export function countPoison(poison: Poison): number {
  let count = 0;
  for (const batches of poison.values()) for (const rows of batches.values()) count += rows.size;
  return count;
}

/** @throws BlockedError when the server refuses so many rows of a batch that the table is more likely to be wrong than they */
export function assertFew(encoding: TableEncoding, poison: Poison, consumer: string): void {
  const { target, ordinals } = encoding;
  if (target.policy.isPoisonDead) return;
  for (const [seq, refused] of poison.get(target.table) ?? []) {
    const sent = ordinals.filter((row) => row.seq === seq).length;
    const few = Math.min(FEW.most, Math.max(FEW.least, Math.floor(sent * FEW.share)));
    if (refused.size <= few) continue;
    const [reason] = refused.values();
    throw new BlockedError({
      code: 'sink.poison',
      message: `batch ${seq} of ${consumer}: expected the server to refuse at most ${few} of its ${sent} rows for ${target.table}, it refuses ${refused.size}: ${reason}`,
      hint: 'correct the table, or let the rows become dead letters: on_poison: dead',
    });
  }
}
