import type { MessageChunk } from '../../stages/stage.js';
import type { BackoffSettings } from '../../utils/backoff.js';
import { Consumer } from '../consumer.js';
import { SocketConnection } from './connection.js';
import type { SocketSettings } from './settings.js';

/** Receives a WebSocket stream (RFC 6455). */
export class SocketConsumer extends Consumer<SocketSettings> {
  #connections = 0;

  override read(signal: AbortSignal): AsyncIterable<MessageChunk> {
    const connection = new SocketConnection(this.settings, ++this.#connections, {
      opened: () => this.#onOpened(),
      alive: () => this.heard(),
    });
    return connection.chunks(signal);
  }

  protected override backoff(): BackoffSettings {
    const { initial, max } = this.settings.reconnect;
    return { initialMs: initial, maxMs: max };
  }

  #onOpened(): void {
    this.receiving();
    this.context.logger.log({ level: 'info', message: `connected to ${this.settings.uri}` });
  }
}
