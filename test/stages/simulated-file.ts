import { createRandom, pick } from '../support/random.js';
import { GrowingBytes } from './growing-bytes.js';

/** What is torn on its own: a page is written whole or not at all. */
const PAGE_BYTES = 512;

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly length: number };

/** What became of a change when the power went. */
export type Fate = 'kept' | 'dropped' | 'length only' | 'prefix' | 'pages';

/** How likely a change is kept; the same for all of a file, so that all, none and some are about as likely. */
const KEPT_OF_ALL = [0, 0.2, 0.5, 0.8, 1];
const LOSSES: Readonly<Record<Change['kind'], readonly Fate[]>> = {
  write: ['dropped', 'length only', 'prefix', 'pages'],
  truncate: ['dropped'],
};

/**
 * A file as it is seen (the page cache) beside what of it is on the disk. The bytes of a file live on while it is
 * open, whatever name it has.
 */
export class SimulatedFile {
  readonly kind = 'file';
  /** Handles that are open. */
  users = 0;
  modifiedMs: number;
  failedSyncs = 0;
  #cache: GrowingBytes;
  #disk: GrowingBytes;
  #pending: Change[] = [];

  constructor(bytes: Buffer | undefined, modifiedMs: number) {
    this.#cache = new GrowingBytes(bytes);
    this.#disk = new GrowingBytes(bytes);
    this.modifiedMs = modifiedMs;
  }

  get size(): number {
    return this.#cache.length;
  }

  /** What a reader sees. */
  get bytes(): Buffer {
    return this.#cache.view();
  }

  read(into: Uint8Array, offset: number): number {
    return this.#cache.read(into, offset);
  }

  write(bytes: Buffer, offset: number): void {
    if (bytes.length === 0) return;
    this.#cache.write(bytes, offset);
    this.#pending.push({ kind: 'write', offset, bytes });
  }

  truncate(length: number): void {
    if (length === this.#cache.length) return;
    this.#cache.truncate(length);
    this.#pending.push({ kind: 'truncate', length });
  }

  /** Makes everything until now durable. */
  sync(): void {
    for (const change of this.#pending) apply(this.#disk, change);
    this.#pending = [];
  }

  /**
   * A sync that fails: of what was pending any part is on the disk, and the rest never gets there, because its pages
   * count as clean from now on. Some file systems then show what is on the disk, others what was written.
   */
  failSync(random: () => number): void {
    this.failedSyncs++;
    settle(this.#disk, this.#pending, random);
    this.#pending = [];
    if (random() < 0.3) this.#cache = new GrowingBytes(this.#disk.view());
  }

  /** The file as it is found after the power went, and what became of each change that was pending. */
  afterPowerLoss(random: () => number): { readonly file: SimulatedFile; readonly fates: readonly Fate[] } {
    const left = new GrowingBytes(this.#disk.view());
    const fates = settle(left, this.#pending, random);
    return { file: new SimulatedFile(left.view(), this.modifiedMs), fates };
  }
}

/**
 * Brings to the disk what the system happened to have written of the pending changes. Each has a fate of its own.
 * They are applied in the order in which they were made, which leaves out no outcome: where two overlap, the earlier
 * one is on top when the later one is dropped.
 */
function settle(disk: GrowingBytes, pending: readonly Change[], random: () => number): readonly Fate[] {
  const kept = pick(random, KEPT_OF_ALL);
  return pending.map((change) => {
    const fate = random() < kept ? 'kept' : pick(random, LOSSES[change.kind]);
    const detail = random();
    if (fate === 'kept') apply(disk, change);
    else if (change.kind === 'write') applyPart(disk, change, fate, detail);
    return fate;
  });
}

function apply(disk: GrowingBytes, change: Change): void {
  if (change.kind === 'truncate') disk.truncate(change.length);
  else disk.write(change.bytes, change.offset);
}

function applyPart(
  disk: GrowingBytes,
  { offset, bytes }: Change & { kind: 'write' },
  fate: Fate,
  detail: number,
): void {
  if (fate === 'prefix') disk.write(bytes.subarray(0, Math.floor(detail * bytes.length)), offset);
  if (fate === 'length only') disk.extend(offset + bytes.length);
  if (fate === 'pages') applyPages(disk, offset, bytes, createRandom(detail * 2 ** 32));
}

/** Each page that the write touches is on the disk or not; the file has its new length in any case. */
function applyPages(disk: GrowingBytes, offset: number, bytes: Buffer, random: () => number): void {
  const end = offset + bytes.length;
  for (let at = offset; at < end; ) {
    const pageEnd = Math.min(end, (Math.floor(at / PAGE_BYTES) + 1) * PAGE_BYTES);
    if (random() < 0.5) disk.write(bytes.subarray(at - offset, pageEnd - offset), at);
    at = pageEnd;
  }
  disk.extend(end);
}
