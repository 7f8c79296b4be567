import type { MessageChunk } from '../../stages/stage.js';
import { excerpt } from '../../utils/excerpt.js';
import { JSON_KIND } from '../../utils/json/json-kind.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import type { RowCells } from '../../utils/rows/row-cells.js';
import { type BatchCounts, type SetAside, visitBatch } from '../../utils/rows/visit-batch.js';
import { MessageKinds } from './message-kinds.js';

const NEWLINE = 0x0a;
const MAX_SHOWN = 3;
/** Once there is a row, no more than so much is decoded besides. */
const MAX_MESSAGES = 1000;
const MAX_BYTES = 1024 * 1024;
const RAW_LENGTH = 300;
const CELL_LENGTH = 60;

const KIND_NAMES = Object.entries(JSON_KIND).map(([name]) => (/true|false/.test(name) ? 'boolean' : name));

/** A message as `doctor` shows it. */
export interface SeenMessage {
  readonly bytes: number;
  /** As it was received, shortened, without control characters; `base64:…` of what is no text. */
  readonly raw: string;
  readonly outcome: 'rows' | 'ignored' | 'dead' | 'empty';
  readonly rows: number;
  /** Why it, or one of its rows, is a dead letter. */
  readonly reason: string | null;
}

/** A cell of a row, by its name after `rename`. */
export interface SeenCell {
  readonly name: string;
  readonly kind: string;
  readonly value: string;
}

/** Decodes the first messages of a source as its consumer says, and remembers what is worth showing. */
export class FirstMessages {
  readonly counts = { messages: 0, ignored: 0, dead: 0, rows: 0, deadRows: 0 };
  /** The first ones, and the first that has a row. */
  readonly shown: SeenMessage[] = [];
  /** The first row. */
  row: readonly SeenCell[] | undefined;
  readonly kinds = new MessageKinds();
  readonly names = { keys: new Set<string>(), filled: new Set<string>() };
  /** Milliseconds until the first message. */
  firstAfterMs: number | undefined;
  /** What the first row came in, for those who load it. */
  readonly chunks: MessageChunk[] = [];
  readonly #startMs = performance.now();
  readonly #decoder: MessageDecoder;
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #redact: (text: string) => string;
  #besides = 0;
  #bytes = 0;

  /** @param redact masks secrets, before anything is shortened: a part of a secret would not be known as one */
  constructor(decode: DecodeSettings, redact: (text: string) => string) {
    this.#redact = redact;
    this.#decoder = new MessageDecoder(decode);
    this.#renamed = new Map(Object.entries(decode.rename));
  }

  /** There is a row; what comes now tells what comes beside rows. */
  get isEnough(): boolean {
    return this.row !== undefined;
  }

  /** Takes what came, as much as is needed for a row, and what came with it up to the limits. */
  take(chunk: MessageChunk): void {
    this.firstAfterMs ??= Math.round(performance.now() - this.#startMs);
    const bytes = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.length);
    let from = 0;
    let messages = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0 && !this.isFull; to = bytes.indexOf(NEWLINE, from)) {
      this.#takeMessage(bytes.subarray(from, to + 1));
      from = to + 1;
      messages++;
    }
    if (this.isEnough && messages > 0)
      this.chunks.push({ ...chunk, bytes: bytes.subarray(0, from), messages });
  }

  /** Nothing more is taken. */
  get isFull(): boolean {
    return this.isEnough && (this.#besides >= MAX_MESSAGES || this.#bytes >= MAX_BYTES);
  }

  #takeMessage(line: Buffer): void {
    const letters: SetAside[] = [];
    const hadRow = this.row !== undefined;
    const counts = visitBatch(line, this.#decoder, {
      row: (cells) => {
        this.row ??= this.#cellsOf(cells);
        this.#noteNames(cells);
        return undefined;
      },
      setAside: (letter) => letters.push(letter),
    });
    this.#count(line, counts);
    const whole = letters.find(({ isRow }) => !isRow)?.raw ?? line.subarray(0, -1);
    const text = textOf(whole);
    const outcome = outcomeOf(counts);
    this.kinds.take(text, outcome);
    if (this.shown.length < MAX_SHOWN || (!hadRow && this.row !== undefined)) {
      this.shown.push({
        bytes: whole.length,
        raw: excerpt(this.#redact(text), RAW_LENGTH),
        outcome,
        rows: counts.loadedRows,
        reason: letters[0]?.reason ?? null,
      });
    }
  }

  #count(line: Buffer, counts: BatchCounts): void {
    if (this.isEnough) {
      this.#besides++;
      this.#bytes += line.length;
    }
    this.counts.messages++;
    this.counts.ignored += counts.ignoredMessages;
    this.counts.dead += counts.deadMessages;
    this.counts.rows += counts.loadedRows;
    this.counts.deadRows += counts.deadRows;
  }

  #noteNames({ keys, kinds, count }: RowCells): void {
    for (const [i, key] of keys.slice(0, count).entries()) {
      this.names.keys.add(key);
      if (kinds[i] !== JSON_KIND.null) this.names.filled.add(key);
    }
  }

  #cellsOf(cells: RowCells): readonly SeenCell[] {
    return cells.keys.slice(0, cells.count).map((key, i) => ({
      name: this.#renamed.get(key) ?? key,
      kind: KIND_NAMES[cells.kinds[i] as number] as string,
      value: excerpt(
        this.#redact(cells.bytes.toString('utf8', cells.starts[i], cells.stops[i])),
        CELL_LENGTH,
      ),
    }));
  }
}

function outcomeOf({ ignoredMessages, deadMessages, loadedRows }: BatchCounts): SeenMessage['outcome'] {
  if (ignoredMessages > 0) return 'ignored';
  if (deadMessages > 0) return 'dead';
  return loadedRows > 0 ? 'rows' : 'empty';
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text).equals(bytes);
  return isText ? text : `base64:${bytes.toString('base64')}`;
}
