import type { MessagePort } from 'node:worker_threads';
import { toErrorFields } from '../utils/errors.js';
import type { Logger } from '../utils/logger.js';
import type { Redactor } from '../utils/redaction.js';
import type { FromThread, ToThread } from './thread-protocol.js';

type Listener<T extends ToThread['type']> = (message: Extract<ToThread, { type: T }>) => void;

/** A runner thread's end of the line to the main thread. Nothing secret passes it. */
export class ThreadPort {
  readonly #port: MessagePort;
  readonly #redactor: Redactor;
  readonly #listeners = new Map<string, (message: never) => void>();

  constructor(port: MessagePort, redactor: Redactor) {
    this.#port = port;
    this.#redactor = redactor;
    port.on('message', (message: ToThread) => this.#listeners.get(message.type)?.(message as never));
  }

  /** Calls `listener` for each message of a type. */
  on<T extends ToThread['type']>(type: T, listener: Listener<T>): void {
    this.#listeners.set(type, listener);
  }

  post(message: FromThread): void {
    this.#port.postMessage(message);
  }

  fail(error: unknown): void {
    const fields = toErrorFields(error);
    const hint = fields.hint && this.#redactor.text(fields.hint);
    this.post({ type: 'failed', error: { ...fields, message: this.#redactor.text(fields.message), hint } });
  }

  /** A logger that writes through the main thread. */
  logger(runner: string): Logger {
    return {
      log: (record) => {
        const message = this.#redactor.text(record.message);
        const hint = record.hint && this.#redactor.text(record.hint);
        this.post({ type: 'log', record: { ...record, runner, message, hint } });
      },
    };
  }

  close(): void {
    this.#port.close();
  }
}
