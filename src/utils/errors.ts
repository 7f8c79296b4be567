import type { ErrorCode } from './error-codes.js';

export type { ErrorCode };

/** What an error is made of; plain data, so that it can cross a thread. */
export interface ErrorFields {
  readonly code: ErrorCode;
  readonly message: string;
  /** The place in the configuration, such as `runners[0].uri`, or a file. */
  readonly path?: string | undefined;
  /** One sentence: what to do about it. */
  readonly hint?: string | undefined;
}

/** An error that a person can act on: what was expected, what was got, where, and what to do. */
export class SocketElError extends Error {
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor(fields: ErrorFields, options?: { cause?: unknown }) {
    super(fields.message, options);
    this.name = new.target.name;
    this.code = fields.code;
    this.path = fields.path;
    this.hint = fields.hint;
  }
}

/** The only kind of error that the engine tries again by itself, with backoff. */
export class TransientError extends SocketElError {
  /** Milliseconds that the peer asked us to wait at least, as in `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  constructor(fields: ErrorFields & { retryAfterMs?: number | undefined }, options?: { cause?: unknown }) {
    super(fields, options);
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/**
 * The sink answers, but will not take our data until somebody changes something there.
 * At start-up it ends the run; later the data waits in the stage and the engine asks again every 30 seconds.
 */
export class BlockedError extends SocketElError {}

/** The message of anything that was thrown, with the first line of each cause behind it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || innerMessages(error) || error.name;
  const cause = error.cause instanceof Error ? firstLine(messageOf(error.cause)) : '';
  return cause === '' || own.includes(cause) ? own : `${own}: ${cause}`;
}

/** Turns anything that was thrown into plain data that `postMessage` can carry. */
export function toErrorFields(error: unknown): ErrorFields {
  const known = error instanceof SocketElError ? error : undefined;
  return {
    code: known?.code ?? 'runner.failed',
    message: messageOf(error),
    path: known?.path,
    hint: known?.hint,
  };
}

/** A host name with several addresses fails with an error for each, and without a message of its own. */
function innerMessages(error: Error): string {
  return error instanceof AggregateError
    ? error.errors.map((inner) => firstLine(messageOf(inner))).join('; ')
    : '';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
