import { messageOf, SocketElError } from '../../utils/errors.js';

/** What ended a writer: its files cannot be written, or are no longer there. */
export function writerError(consumer: string, folder: string, cause: unknown): SocketElError {
  if (cause instanceof SocketElError) return cause;
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
    return removedError(folder, cause);
  const message = `stage of ${consumer}: expected to write and sync its files: ${messageOf(cause)}`;
  const hint = 'what was durable stays; look at the disk and start again';
  return new SocketElError({ code: 'stage.disk', message, hint }, { cause });
}

/** Its files are no longer where they were made. */
export function removedError(folder: string, cause?: unknown): SocketElError {
  const message = `${folder}: expected the stage's files to stay, they were removed while it was written`;
  const hint = 'what had not been loaded from there is gone; start again';
  return new SocketElError({ code: 'stage.removed', path: folder, message, hint }, { cause });
}

/** It was closed before this. */
export function closedError(consumer: string): SocketElError {
  const message = `stage of ${consumer}: expected it to be open, it was closed`;
  return new SocketElError({ code: 'stage.disk', message });
}
