import type { Position } from '../../utils/position.js';
import type { StageFs } from '../stage-fs.js';
import { writeAtomically } from './atomic-file.js';
import { checkedLine, parseCheckedLine } from './checked-line.js';
import type { StageLayout } from './layout.js';

/** A reader's place in a stage. */
export interface Cursor {
  /** The batch that the reader has passed; 0 when it has passed none. */
  readonly seq: number;
  /** Bytes of all batches until there. */
  readonly bytes: number;
  /** Where the source goes on behind that batch; a damaged manifest may have forgotten it. */
  readonly position?: Position | undefined;
  /** Whether the reader was set here and has not passed that batch by itself, so that its sink need not hold it. */
  readonly begun?: boolean | undefined;
  /** RFC 3339. */
  readonly at: string;
}

/**
 * A reader's cursor; undefined when there is none or its file is damaged: the sink's ledger knows what it holds, so a
 * cursor that is too low costs time and nothing else.
 */
export async function readCursor(
  fs: StageFs,
  layout: StageLayout,
  reader: string,
): Promise<Cursor | undefined> {
  const text = (await fs.readSmall(layout.cursor(reader))) ?? '';
  return parseCheckedLine(text.trimEnd()) as Cursor | undefined;
}

/** Moves a reader's cursor. */
export async function writeCursor(
  fs: StageFs,
  layout: StageLayout,
  reader: string,
  cursor: Omit<Cursor, 'at'>,
): Promise<void> {
  const line = checkedLine({ ...cursor, at: new Date().toISOString() });
  await writeAtomically(fs, layout.cursor(reader), `${line}\n`);
}

/** The readers that have a cursor in this stage. */
export async function listReaders(fs: StageFs, layout: StageLayout): Promise<readonly string[]> {
  const names = await fs.list(layout.cursorFolder);
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}
