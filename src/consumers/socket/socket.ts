import type { MessageChunk } from '../../stages/stage.js';
import type { BackoffSettings } from '../../utils/backoff.js';
import { Consumer, type SourceExamination } from '../consumer.js';
import { SocketConnection } from './connection.js';
import { examineSocket } from './examine.js';
import type { SocketSettings } from './settings.js';
import { readAnswer, type UpgradeAnswer } from './upgrade-answer.js';

/** Receives a WebSocket stream (RFC 6455). */
export class SocketConsumer extends Consumer<SocketSettings> {
  #connections = 0;
  #answer: UpgradeAnswer | undefined;

  override read(signal: AbortSignal): AsyncIterable<MessageChunk> {
    const askedMs = Date.now();
    const connection = new SocketConnection(this.settings, ++this.#connections, {
      answered: (response) => {
        this.#answer = readAnswer(response, askedMs);
      },
      opened: () => this.#onOpened(),
      alive: () => this.heard(),
    });
    return connection.chunks(signal);
  }

  override examine(): Promise<SourceExamination> {
    return examineSocket(this.settings, this.#answer);
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
