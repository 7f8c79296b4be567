import type { MessageChunk } from '../../stages/stage.js';
import type { BackoffSettings } from '../../utils/backoff.js';
import { Consumer, type SourceExamination } from '../consumer.js';
import { SocketConnection } from './connection.js';
import { examineSocket } from './examine.js';
import type { SocketSettings } from './settings.js';
import { readAnswer, type UpgradeAnswer } from './upgrade-answer.js';

/** A feed that says nothing for so long wants to be asked, most of the time. */
const SILENCE_MS = 10_000;

/** Receives a WebSocket stream (RFC 6455). */
export class SocketConsumer extends Consumer<SocketSettings> {
  #connections = 0;
  #answer: UpgradeAnswer | undefined;
  #hasHinted = false;

  override async *read(signal: AbortSignal): AsyncGenerator<MessageChunk> {
    const askedMs = Date.now();
    let silence: NodeJS.Timeout | undefined;
    const connection = new SocketConnection(this.settings, ++this.#connections, {
      answered: (response) => {
        this.#answer = readAnswer(response, askedMs);
      },
      opened: () => {
        silence = setTimeout(() => connection.hasReceived || this.#hint(), SILENCE_MS);
        this.#onOpened();
      },
      alive: () => this.heard(),
    });
    try {
      yield* connection.chunks(signal);
    } finally {
      clearTimeout(silence);
    }
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

  /** Once a run: a feed that is quiet by nature would fill the log. */
  #hint(): void {
    if (this.#hasHinted) return;
    this.#hasHinted = true;
    const isSubscribing = this.settings.subscribe.length > 0;
    const place = this.context.placeOf?.(isSubscribing ? 'subscribe' : 'uri');
    const hint = isSubscribing
      ? 'it may want another message than the one in subscribe'
      : 'most feeds want a message first, as in subscribe: [{op: subscribe, channels: [trades]}]';
    this.context.logger.log({
      level: 'warn',
      message: `connected, nothing received for ${SILENCE_MS / 1000} s`,
      hint: place === undefined || place === '' ? hint : `${hint}  (${place})`,
    });
  }
}
