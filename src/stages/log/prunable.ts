/** A file that may be removed once its batches are passed and it was kept long enough. */
export interface Prunable {
  /** The last batch in it. */
  readonly through: number;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** How long what every producer has passed is kept: so long (milliseconds), but no more than so many bytes. */
export interface Retention {
  readonly for: number;
  readonly bytes: number;
}

/**
 * The files that can go: of those whose batches every reader has passed the oldest, until the rest is young and small
 * enough.
 *
 * @param files oldest first
 * @param passed the last batch that every reader has passed
 */
export function selectPrunable<File extends Prunable>(
  files: readonly File[],
  passed: number,
  retention: Retention,
  nowMs: number,
): readonly File[] {
  const done = files.slice(
    0,
    prefixLength(files, (file) => file.through <= passed),
  );
  let kept = done.reduce((sum, { bytes }) => sum + bytes, 0);
  const count = prefixLength(done, (file) => {
    const isOver = kept > retention.bytes || nowMs - file.modifiedMs >= retention.for;
    kept -= file.bytes;
    return isOver;
  });
  return done.slice(0, count);
}

function prefixLength<Item>(items: readonly Item[], isIn: (item: Item) => boolean): number {
  const end = items.findIndex((item) => !isIn(item));
  return end < 0 ? items.length : end;
}
