import { TransientError } from './errors.js';

/**
 * Waits for `work`, at most `ms` milliseconds.
 *
 * @param what names what is waited for, as in `COMMIT`
 * @throws TransientError with code `sink.connection` when the time is up; the caller then destroys the connection
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(lateError(ms, what)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function lateError(ms: number, what: string): TransientError {
  return new TransientError({
    code: 'sink.connection',
    message: `${what}: expected an answer within ${ms} ms, got none`,
  });
}
