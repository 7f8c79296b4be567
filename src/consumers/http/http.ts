import type { MessageChunk } from '../../stages/stage.js';
import type { BackoffSettings } from '../../utils/backoff.js';
import { nowUs } from '../../utils/clock.js';
import { SocketElError } from '../../utils/errors.js';
import { MessageBuffer } from '../../utils/message-buffer.js';
import type { Position } from '../../utils/position.js';
import { sleep } from '../../utils/sleep.js';
import { Consumer, type SourceExamination } from '../consumer.js';
import { type HttpAnswer, isLines, isNothing, lastValue, nextLink } from './answer.js';
import { type HttpPlace, placeOf, toPosition } from './place.js';
import { request } from './request.js';
import type { HttpSettings } from './settings.js';

/** Asks an HTTP server, all pages of it, and again after a while. Each answer is one message, or one a line. */
export class HttpConsumer extends Consumer<HttpSettings> {
  #status: number | undefined;

  override async *read(signal: AbortSignal, from?: Position): AsyncGenerator<MessageChunk> {
    let place = placeOf(from);
    while (!signal.aborted) {
      const answer = await this.#ask(place, signal);
      place = this.#placeBehind(answer, place);
      if (answer.status !== 304 && !isNothing(answer)) yield this.#chunkOf(answer, place);
      if (place.next !== undefined) continue;
      if (this.settings.once) return;
      await sleep(this.settings.poll_interval, signal);
    }
  }

  override async examine(): Promise<SourceExamination> {
    const { origin, pathname } = new URL(this.settings.uri);
    const isConnected = this.#status !== undefined;
    const facts = this.#status === undefined ? {} : { status: this.#status };
    return { findings: [], facts, isConnected, address: `${origin}${pathname}`, addressKey: 'uri' };
  }

  protected override backoff(): BackoffSettings {
    const { initial, max } = this.settings.reconnect;
    return { initialMs: initial, maxMs: max };
  }

  async #ask(place: HttpPlace, signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await request(this.#addressOf(place), this.settings, {
      headers: conditionsOf(place),
      signal,
    });
    this.#status = answer.status;
    // The first of a run ends the gap before it; later ones say that there is none.
    this.receiving();
    return answer;
  }

  #addressOf({ next, cursor = this.settings.cursor?.initial }: HttpPlace): URL {
    if (next !== undefined) return new URL(next);
    const url = new URL(this.settings.uri);
    if (this.settings.cursor !== undefined && cursor !== undefined)
      url.searchParams.set(this.settings.cursor.parameter, cursor);
    return url;
  }

  #placeBehind(answer: HttpAnswer, before: HttpPlace): HttpPlace {
    if (answer.status === 304) return { ...before, next: undefined };
    const { cursor } = this.settings;
    const isFirst = before.next === undefined;
    return {
      next: this.#nextOf(answer),
      cursor: cursor && (lastValue(answer, cursor.from) ?? before.cursor),
      etag: (isFirst ? answer.headers.get('etag') : before.etag) ?? undefined,
      last_modified: (isFirst ? answer.headers.get('last-modified') : before.last_modified) ?? undefined,
    };
  }

  #nextOf(answer: HttpAnswer): string | undefined {
    const { next, uri } = this.settings;
    if (next === undefined) return undefined;
    const found = next === 'link' ? nextLink(answer) : lastValue(answer, next);
    if (found === undefined) return undefined;
    const url = URL.canParse(found, uri) ? new URL(found, uri) : undefined;
    if (url?.origin !== new URL(uri).origin) throw foreignPage(url?.origin ?? found);
    return url.href;
  }

  #chunkOf(answer: HttpAnswer, place: HttpPlace): MessageChunk {
    const { framing, decode } = this.settings;
    const buffer = new MessageBuffer({ framing: isLines(answer) ? 'lines' : framing, decode });
    buffer.add(answer.body);
    return { ...buffer.take(), receivedAtUs: nowUs(), connection: 0, position: toPosition(place) };
  }
}

/** Only the first page can be the same as last time; with a cursor every request is another one. */
function conditionsOf({ next, cursor, etag, last_modified }: HttpPlace): Record<string, string> {
  if (next !== undefined || cursor !== undefined) return {};
  if (etag !== undefined) return { 'if-none-match': etag };
  return last_modified === undefined ? {} : { 'if-modified-since': last_modified };
}

function foreignPage(where: string): SocketElError {
  return new SocketElError({
    code: 'source.refused',
    message: `expected the next page on the same server, got ${where}`,
    hint: 'it is not asked, because headers may hold credentials; leave next away, or take the address that is meant as uri',
  });
}
