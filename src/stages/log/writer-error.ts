import { messageOf, SocketElError } from '../../utils/errors.js';

/** Its files cannot be written: final for the writer. */
export function diskError(consumer: string, cause: unknown): SocketElError {
  const message = `stage of ${consumer}: expected to write and sync its files: ${messageOf(cause)}`;
  const hint = 'what was durable stays; look at the disk and start again';
  return new SocketElError({ code: 'stage.disk', message, hint }, { cause });
}

/** It was closed before this. */
export function closedError(consumer: string): SocketElError {
  const message = `stage of ${consumer}: expected it to be open, it was closed`;
  return new SocketElError({ code: 'stage.disk', message });
}
