import { vi } from 'vitest';
import type { Batch, BatchContent, Gap, MessageChunk } from '../../src/stages/stage.js';
import { type FoundLine, linesOf } from './found-lines.js';

/** A rule that a stage broke; `rule` is the same for every case of it. */
export class Broken extends Error {
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}

/** A batch as somebody found it in a stage. */
export type FoundBatch = Pick<Batch, 'stageId' | 'seq' | 'messages' | 'byteLength' | 'bytesThrough'> &
  BatchContent;

/** What another process finds in a stage's files. */
export interface FoundLog {
  readonly batches: readonly FoundBatch[];
  /** The reasons of the gaps in the manifest. */
  readonly gaps: readonly string[];
  /** Batches up to this one were removed, because every reader had passed them. */
  readonly prunedThrough: number;
  /** Whether no file of the manifest was removed. */
  readonly hasAllFacts: boolean;
}

/** What a recovered stage holds and says of itself. */
export interface Found extends FoundLog {
  readonly position: unknown;
  readonly lastReceivedUs: number | undefined;
  /** The last batch that the reader may have passed. */
  readonly passed: number;
}

interface Message {
  readonly text: string;
  readonly receivedAtUs: number;
  isDurable: boolean;
  /** Whether it is in a batch, so that its moment is kept exactly too. */
  isSealed: boolean;
}

interface KnownGap {
  readonly reason: string;
  isDurable: boolean;
}

interface KnownBatch {
  readonly byteLength: number;
  bytes: Buffer | undefined;
}

const FILLERS = [0, 3, 30, 200, 500, 1300];
const FIRST_US = 1_700_000_000_000_000;

/** Knows what was put into a stage and what the stage said of it, and judges what is found there later. */
export class StageOracle {
  readonly #isReplayable: boolean;
  readonly #fillers: readonly number[];
  /** Everything put that may still be there, in order. */
  #messages: Message[] = [];
  #gaps: KnownGap[] = [];
  /** Of all gaps there ever were: a loss of power brings back a file that was removed. */
  readonly #recorded = new Set<string>();
  /** What was put since the stage was opened; the next seal makes it durable. */
  #recent: (Message | KnownGap)[] = [];
  /** So many messages are in batches for good. */
  #sealed = 0;
  /** The batches that somebody was given. */
  readonly #batches = new Map<number, KnownBatch>();
  #stageId: string | undefined;
  #number = 0;
  #nowUs = FIRST_US;
  /** The last moment that the stage was told of. */
  #heardUs = FIRST_US;

  /** @param fillers the lengths of what fills the messages, in turn */
  constructor(isReplayable: boolean, fillers: readonly number[] = FILLERS) {
    this.#isReplayable = isReplayable;
    this.#fillers = fillers;
  }

  /** The time at which it is, for the machine's clock. */
  get nowMs(): number {
    return this.#nowUs / 1000;
  }

  /** So many messages that nobody put before, or that a replayable source gives next. */
  nextChunk(count: number): MessageChunk {
    const receivedAtUs = this.nextMoment();
    const first = this.#isReplayable ? this.#messages.length : this.#number;
    this.#number += count;
    const messages = Array.from({ length: count }, (_, i): Message => {
      return { text: this.#textOf(first + i), receivedAtUs, isDurable: false, isSealed: false };
    });
    this.#messages.push(...messages);
    this.#recent.push(...messages);
    const before = [...this.#recent];
    const onDurable = () => {
      for (const each of before) each.isDurable = true;
    };
    const bytes = Buffer.from(messages.map(({ text }) => `${text}\n`).join(''));
    const position = this.#isReplayable ? this.#messages.length : undefined;
    return { bytes, messages: count, receivedAtUs, connection: 1, position, onDurable };
  }

  nextGap(): Gap {
    const toUs = this.nextMoment();
    const gap = { reason: `gap ${toUs}`, isDurable: false };
    this.#gaps.push(gap);
    this.#recorded.add(gap.reason);
    this.#recent.push(gap);
    return { fromUs: toUs - 500, toUs, reason: gap.reason };
  }

  /** Makes the stage's clock that of the story, so that no moment of it is in the future of a message. */
  keepTime(): void {
    vi.spyOn(Date, 'now').mockImplementation(() => this.nowMs);
  }

  /** A moment until which the source was received. */
  nextMoment(): number {
    this.#nowUs += 1000;
    this.#heardUs = this.#nowUs;
    return this.#nowUs;
  }

  /** Some time passes in which nothing is received. */
  outage(): void {
    this.#nowUs += 60_000_000;
  }

  /** Call when a seal begins; call what it gives when the seal has resolved. */
  beforeSeal(): () => void {
    const recent = [...this.#recent];
    const count = this.#messages.length;
    return () => {
      for (const each of recent) {
        each.isDurable = true;
        if ('isSealed' in each) each.isSealed = true;
      }
      this.#sealed = Math.max(this.#sealed, count);
    };
  }

  /** A stage was opened: a replayable source goes on from its position. */
  resume(position: unknown): void {
    this.#recent = [];
    if (!this.#isReplayable) return;
    const count = Number(position ?? 0);
    demand(
      count >= this.#sealed && count <= this.#messages.length,
      'the position is behind what is sealed',
      () => `${count} is not in ${this.#sealed} to ${this.#messages.length}`,
    );
    this.#messages = this.#messages.slice(0, count);
    this.#sealed = count;
  }

  /** A reader was given a batch, and has read it when there are bytes. */
  give({ stageId, seq, byteLength }: Pick<Batch, 'stageId' | 'seq' | 'byteLength'>, bytes?: Buffer): void {
    this.#stageId ??= stageId;
    const rule = 'the pair of stage and number names one content for ever';
    demand(stageId === this.#stageId, rule, () => `the stage ${stageId} was ${this.#stageId}`);
    const known = this.#batches.get(seq) ?? { byteLength, bytes };
    known.bytes ??= bytes;
    const isSame = known.byteLength === byteLength && (bytes === undefined || known.bytes?.equals(bytes));
    demand(isSame === true, rule, () => `batch ${seq} was something else before`);
    this.#batches.set(seq, known);
  }

  /** Whether a batch is the next behind another: between them are only numbers that nobody was given. */
  isNext(seq: number, before: number): boolean {
    for (let between = before + 1; between < seq; between++) if (this.#batches.has(between)) return false;
    return seq > before;
  }

  /** Judges what a recovered stage holds, and takes it for what counts from now on. @throws Broken */
  judge(found: Found): void {
    this.#judgeBatches(found);
    const lines = [...this.#prunedLines(found), ...found.batches.flatMap(demandLines)];
    if (this.#isReplayable) this.#judgeReplayed(lines, found.position);
    else this.#judgeKept(lines);
    this.#judgeGaps(found);
    this.#judgeMoment(found);
    this.#sealed = this.#messages.length;
  }

  #textOf(number: number): string {
    const filler = this.#fillers[(number * 7 + (number >> 2)) % this.#fillers.length] as number;
    return `{"n":${number},"x":"${'x'.repeat(filler)}"}`;
  }

  #judgeBatches({ batches, prunedThrough }: Found): void {
    for (const batch of batches) this.give(batch, batch.bytes);
    let bytes = 0;
    for (let seq = 1; seq <= prunedThrough; seq++) bytes += this.#batches.get(seq)?.byteLength ?? 0;
    let next = prunedThrough + 1;
    for (const { seq, byteLength, bytesThrough } of batches) {
      demand(seq >= next, 'batches are numbered upwards', () => `expected ${next}, got ${seq}`);
      // A number may be void, but not one that a reader was given.
      demand(this.isNext(seq, next - 1), 'no batch that was given is void', () => `${next} to ${seq}`);
      next = seq + 1;
      bytes += byteLength;
      demand(
        bytesThrough === bytes,
        'a batch knows the bytes until it',
        () => `${bytesThrough}, not ${bytes}`,
      );
    }
    const last = batches.at(-1)?.seq ?? prunedThrough;
    for (const seq of this.#batches.keys())
      demand(seq <= last, 'what a reader was given stays', () => `batch ${seq} is gone`);
  }

  /** The lines of the batches that were removed, as the reader saw them. */
  #prunedLines({ prunedThrough, passed }: Found): readonly FoundLine[] {
    const rule = 'only what every reader has passed is removed';
    demand(prunedThrough <= passed, rule, () => `removed through ${prunedThrough}, passed was ${passed}`);
    return Array.from({ length: prunedThrough }, (_, i) => this.#batches.get(i + 1)?.bytes).flatMap(
      (bytes) => (bytes && linesOf(bytes, [])) ?? [],
    );
  }

  /** A replayable source gives again what is not in a batch: what is there is a beginning of it. */
  #judgeReplayed(lines: readonly FoundLine[], position: unknown): void {
    const count = lines.length;
    const wrong = lines.findIndex(({ text }, i) => text !== this.#textOf(i));
    demand(wrong < 0, 'a replayable source is kept from its beginning', () => `line ${wrong} is another`);
    demand(count >= this.#sealed, 'what was sealed stays', () => `${count} of ${this.#sealed} messages`);
    demand(count <= this.#messages.length, 'what is there was put', () => `${count} messages`);
    demand(
      (position ?? 0) === count,
      'the position is behind what is sealed',
      () => `${position}, not ${count}`,
    );
    this.#messages = lines.map((line, i) => keep(line, this.#messages[i]));
  }

  /** Everything acknowledged is there once and in order; of what was not, any of it or a stand-in. */
  #judgeKept(lines: readonly FoundLine[]): void {
    let next = 0;
    let standIns = 0;
    const kept = lines.map((line) => {
      const index = this.#messages.findIndex(({ text }, i) => i >= next && text === line.text);
      if (index < 0) {
        this.#demandStandIn(line);
        standIns += line.standsFor;
        return keep(line);
      }
      this.#judgeMissing(next, index, standIns);
      next = index + 1;
      standIns = 0;
      return keep(line, this.#messages[index]);
    });
    this.#judgeMissing(next, this.#messages.length, standIns);
    this.#messages = kept;
  }

  #judgeMissing(from: number, to: number, standIns: number): void {
    const lost = this.#messages.slice(from, to).find(({ isDurable }) => isDurable);
    demand(lost === undefined, 'what was acknowledged is there', () => `${short(lost?.text ?? '')} is not`);
    const rule = 'a stand-in stands for messages that are lost';
    demand(standIns <= to - from, rule, () => `${standIns} for ${to - from}`);
  }

  #demandStandIn({ text, standsFor }: FoundLine): void {
    if (standsFor > 0) return;
    const wasPut = this.#messages.some((message) => message.text === text);
    demand(!wasPut, 'each message is there once and in order', () => `${short(text)} is not`);
    throw new Broken('what is there was put', `${short(text)} was not, or was given up before`);
  }

  #judgeGaps({ gaps, hasAllFacts }: Found): void {
    for (const { reason, isDurable } of this.#gaps) {
      const count = gaps.filter((other) => other === reason).length;
      const isRight = count === 1 || (count === 0 && !(isDurable && hasAllFacts));
      demand(isRight, 'a durable gap stays, once', () => `${reason} is there ${count} times`);
    }
    const unknown = gaps.find((reason) => !this.#recorded.has(reason));
    demand(unknown === undefined, 'a gap that is there was recorded', () => `${unknown} was not`);
    this.#gaps = gaps.map((reason) => ({ reason, isDurable: true }));
  }

  #judgeMoment({ lastReceivedUs = 0 }: Found): void {
    const last = Math.max(0, ...this.#messages.map(({ receivedAtUs }) => receivedAtUs));
    demand(
      lastReceivedUs <= this.#heardUs,
      'reception ended when it did',
      () => `${lastReceivedUs} is later`,
    );
    const rule = 'reception ended behind the last message';
    demand(lastReceivedUs >= last, rule, () => `${lastReceivedUs} < ${last}`);
  }
}

/** A message that was found, as it counts from now on. */
function keep({ text, receivedAtUs }: FoundLine, known?: Message): Message {
  // Of a batch that was removed nobody knows the receipts.
  const isKnown = known?.isSealed === true && receivedAtUs !== undefined;
  const rule = 'a message in a batch keeps its moment';
  demand(!isKnown || receivedAtUs === known.receivedAtUs, rule, () => `${short(text)}: ${receivedAtUs}`);
  return { text, receivedAtUs: receivedAtUs ?? known?.receivedAtUs ?? 0, isDurable: true, isSealed: true };
}

function demandLines({ seq, messages, bytes, receipts }: FoundBatch): readonly FoundLine[] {
  const lines = linesOf(bytes, receipts);
  if (lines === undefined) throw new Broken('a batch ends with a whole message', `batch ${seq}`);
  const count = lines.reduce((sum, { standsFor }) => sum + Math.max(1, standsFor), 0);
  demand(
    messages === count,
    'a batch says how many messages it has',
    () => `${seq}: ${messages} of ${count}`,
  );
  return lines;
}

function demand(isSo: boolean, rule: string, detail: () => string): void {
  if (!isSo) throw new Broken(rule, detail());
}

function short(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…(${text.length})` : text);
}
