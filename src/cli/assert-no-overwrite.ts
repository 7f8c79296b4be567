import type { Producer, Source } from '../producers/producer.js';
import { SocketElError } from '../utils/errors.js';

/** @throws SocketElError `usage.argument` when old rows could take the place of newer ones, and nobody said that they may */
export function assertNoOverwrite(
  sink: Producer,
  sources: readonly Source[],
  force: boolean | undefined,
): void {
  const merged = force === true ? undefined : sources.find((source) => sink.overwrites(source));
  if (merged === undefined) return;
  throw new SocketElError({
    code: 'usage.argument',
    message: `${merged.consumer}: expected --force, because its rows are merged: older ones that are loaded again would take the place of newer ones`,
    hint: 'with --force the rows are loaded all the same',
  });
}
