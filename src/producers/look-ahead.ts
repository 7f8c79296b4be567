/** What is asked for, and how. */
export interface Ahead<T> {
  /** Gives the items until its signal is aborted, as it is when nobody wants more. */
  readonly open: (signal: AbortSignal) => AsyncIterable<T>;
  /** Whether the item behind this one is to be asked for only when this one is done. */
  readonly isAlone: (item: T) => boolean;
  /** Shown each item that came while the one before was worked on. */
  readonly onAhead: (item: T) => void;
}

/** Asks for each item while the one before is worked on. */
export async function* lookAhead<T>(ahead: Ahead<T>, signal: AbortSignal): AsyncGenerator<T> {
  const stop = new AbortController();
  const items = ahead.open(AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
  try {
    let { done, value } = await items.next();
    while (done !== true) {
      const next = ahead.isAlone(value) ? undefined : showNext(items, ahead.onAhead);
      yield value;
      ({ done, value } = await (next ?? items.next()));
    }
  } finally {
    // What was asked for may be long in coming.
    stop.abort();
    await items.return?.();
  }
}

function showNext<T>(items: AsyncIterator<T>, onAhead: (item: T) => void): Promise<IteratorResult<T>> {
  const next = items.next().then((item) => {
    if (item.done !== true) onAhead(item.value);
    return item;
  });
  // Whoever comes to it hears of an error; work on the item before may end everything first.
  next.catch(() => {});
  return next;
}
