/**
 * Works and watches at once. The watching ends with the work; the first failure, or one of the signals, ends both.
 *
 * @param {readonly AbortSignal[]} signals
 * @param {(signal: AbortSignal) => Promise<void>} watch until it is aborted
 * @param {(signal: AbortSignal) => Promise<void>} work
 * @returns {Promise<void>} rejects with that failure, or the signal's reason
 */
export async function whileWatching(signals, watch, work) {
  const over = new AbortController();
  const signal = AbortSignal.any([...signals, over.signal]);
  const watching = watch(signal);
  watching.catch((error) => over.abort(error));
  try {
    await work(signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    over.abort();
    await Promise.allSettled([watching]);
  }
}
