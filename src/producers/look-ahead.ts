/** What is asked for, and how. */
export interface Ahead<T> {
  /** Gives the items until its signal is aborted, as it is when nobody wants more. */
  readonly open: (signal: AbortSignal) => AsyncIterable<T>;
  /** Whether the item behind this one is to be asked for only when this one is done. */
  readonly isAlone: (item: T) => boolean;
  /** Shown each item that came before it was asked for. */
  readonly onAhead: (item: T) => void;
  /** The reason to abort with when the items are left before their end. */
  readonly leaving: unknown;
}

/** What was asked for already; to be ended by `return`, whether or not anything was taken of it. */
export type Begun<T> = Required<
  Pick<AsyncIterableIterator<T>, 'next' | 'return' | typeof Symbol.asyncIterator>
>;

/** Asks for the first item at once, and for each other while the one before is worked on. */
export function beginToLook<T>(ahead: Ahead<T>, signal: AbortSignal): Begun<T> {
  const items = lookAhead(ahead, signal);
  let first: Promise<IteratorResult<T>> | undefined = items.next();
  // Whoever asks for it hears of an error.
  first.catch(() => {});
  return {
    next: () => {
      const next = first ?? items.next();
      first = undefined;
      return next;
    },
    return: () => items.return(undefined),
    [Symbol.asyncIterator]() {
      return this as AsyncIterableIterator<T>;
    },
  };
}

/** Asks for each item while the one before is worked on. */
export async function* lookAhead<T>(ahead: Ahead<T>, signal: AbortSignal): AsyncGenerator<T> {
  const stop = new AbortController();
  const items = ahead.open(AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
  try {
    let { done, value } = await showNext(items, ahead.onAhead);
    while (done !== true) {
      const next = ahead.isAlone(value) ? undefined : showNext(items, ahead.onAhead);
      yield value;
      ({ done, value } = await (next ?? items.next()));
    }
  } finally {
    // What was asked for may be long in coming.
    stop.abort(ahead.leaving);
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
