import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty, ReadStream } from 'node:tty';
import type { MessageChunk } from '../../stages/stage.js';
import { SocketElError } from '../../utils/errors.js';
import { LineSplitter } from '../../utils/line-splitter.js';
import { Consumer } from '../consumer.js';
import type { StdinSettings } from './settings.js';

const STDIN = 0;

/** Reads what is piped into the process. What was read is staged; what a killed process had in its pipe is gone. */
export class StdinConsumer extends Consumer<StdinSettings> {
  override async *read(signal: AbortSignal): AsyncGenerator<MessageChunk> {
    const input = openInput(`${this.context.name}`);
    const stop = () => input.destroy();
    signal.addEventListener('abort', stop);
    const lines = new LineSplitter();
    try {
      this.receiving();
      for await (const bytes of input as AsyncIterable<Buffer>) {
        const whole = lines.take(bytes);
        if (whole.length > 0) yield this.chunk(whole);
      }
      const last = lines.rest();
      if (last.length > 0) yield this.chunk([last]);
    } catch (cause) {
      if (!signal.aborted) throw unreadable(cause);
    } finally {
      signal.removeEventListener('abort', stop);
      input.destroy();
    }
  }
}

/** Threads other than the main one have no standard input of their own, but the same file descriptors. */
function openInput(name: string) {
  try {
    if (isatty(STDIN)) return new ReadStream(STDIN);
    if (fstatSync(STDIN).isFile()) return createReadStream('', { fd: STDIN, autoClose: false });
    return new Socket({ fd: STDIN, readable: true, writable: false });
  } catch (cause) {
    throw unreadable(cause, name);
  }
}

function unreadable(cause: unknown, name = 'stdin'): SocketElError {
  return new SocketElError(
    {
      code: 'source.file',
      message: `${name}: expected a standard input that can be read`,
      hint: 'pipe something into it, as in: tail -f log.ndjson | socket-el run config.yml',
    },
    { cause },
  );
}
