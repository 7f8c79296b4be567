import type { Batch, Gap, MessageChunk, Receipt } from '../../src/stages/stage.js';

/** A rule that a stage broke; `rule` is the same for every case of it. */
export class Broken extends Error {
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}

/** A batch as somebody found it in a stage. */
export interface FoundBatch {
  readonly seq: number;
  readonly messages: number;
  readonly bytes: Buffer;
  readonly receipts: readonly Receipt[];
}

/** What a stage holds at one moment. */
export interface Found {
  readonly batches: readonly FoundBatch[];
  /** The reasons of the gaps in its manifest. */
  readonly gaps: readonly string[];
  readonly position: unknown;
  readonly lastReceivedUs: number | undefined;
}

interface Message {
  readonly text: string;
  receivedAtUs: number;
  isDurable: boolean;
}

interface KnownGap {
  readonly reason: string;
  isDurable: boolean;
}

/** How the form begins in which a message is kept that cannot be kept as it came. */
const STAND_IN = '{"_raw":"';
const FILLERS = [0, 3, 30, 200, 500, 1300];
const FIRST_US = 1_700_000_000_000_000;

/** Knows what was put into a stage and what the stage said of it, and judges what is found there later. */
export class StageOracle {
  readonly #isReplayable: boolean;
  /** Everything put that may still be there, in order. */
  #messages: Message[] = [];
  /** What was put since the stage was opened; the next seal makes it durable. */
  #recent: (Message | KnownGap)[] = [];
  /** So many of them are in batches for good. */
  #sealed = 0;
  #gaps: KnownGap[] = [];
  readonly #given = new Map<number, Buffer | undefined>();
  #stageId: string | undefined;
  #number = 0;
  #nowUs = FIRST_US;

  constructor(isReplayable: boolean) {
    this.#isReplayable = isReplayable;
  }

  /** So many messages that nobody put before, or that a replayable source gives next. */
  nextChunk(count: number): MessageChunk {
    this.#nowUs += 1000;
    const isReplayed = this.#isReplayable;
    const messages = Array.from({ length: count }, (_, i): Message => {
      const number = isReplayed ? this.#messages.length + i : this.#number++;
      return { text: textOf(number), receivedAtUs: this.#nowUs, isDurable: false };
    });
    this.#messages.push(...messages);
    const before = [...this.#recent];
    this.#recent.push(...messages);
    const bytes = Buffer.from(messages.map(({ text }) => `${text}\n`).join(''));
    const onDurable = () => {
      for (const each of [...before, ...messages]) each.isDurable = true;
    };
    const position = isReplayed ? this.#messages.length : undefined;
    return { bytes, messages: count, receivedAtUs: this.#nowUs, connection: 1, position, onDurable };
  }

  nextGap(): Gap {
    this.#nowUs += 1000;
    const reason = `gap ${this.#number++}`;
    const gap = { reason, isDurable: false };
    this.#gaps.push(gap);
    this.#recent.push(gap);
    return { fromUs: this.#nowUs - 500, toUs: this.#nowUs, reason };
  }

  /** A moment until which the source was received. */
  nextMoment(): number {
    this.#nowUs += 1000;
    return this.#nowUs;
  }

  /** Call before a seal; call what it gives when the seal has resolved. */
  beforeSeal(): () => void {
    const recent = [...this.#recent];
    const count = this.#messages.length;
    return () => {
      for (const each of recent) each.isDurable = true;
      this.#sealed = Math.max(this.#sealed, count);
    };
  }

  /** A stage was opened: a replayable source goes on from its position. */
  resume(position: unknown): void {
    this.#recent = [];
    if (!this.#isReplayable) return;
    const count = Number(position ?? 0);
    if (count < this.#sealed || count > this.#messages.length)
      throw new Broken('the position is behind what is sealed', `${count}, sealed were ${this.#sealed}`);
    this.#messages = this.#messages.slice(0, count);
    this.#sealed = count;
  }

  /** A reader was given a batch, and has read it when there are bytes. */
  give(batch: Batch, bytes?: Buffer): void {
    this.#stageId ??= batch.stageId;
    if (batch.stageId !== this.#stageId)
      throw new Broken(
        'a stage whose batches were given keeps its id',
        `${batch.stageId} was ${this.#stageId}`,
      );
    const known = this.#given.get(batch.seq);
    if (known !== undefined && bytes !== undefined && !known.equals(bytes))
      throw new Broken(
        'a number names one content for ever',
        `batch ${batch.seq} was read with other bytes before`,
      );
    this.#given.set(batch.seq, known ?? bytes);
  }

  /** Judges what a recovered stage holds, and takes it for what counts from now on. @throws Broken */
  judge(found: Found): void {
    this.#judgeBatches(found.batches);
    const lines = found.batches.flatMap(linesOf);
    if (this.#isReplayable) this.#judgeReplayed(lines, found.position);
    else this.#judgeKept(lines);
    this.#judgeGaps(found.gaps);
    this.#judgeMoment(found);
    this.#sealed = this.#messages.length;
  }

  #judgeBatches(batches: readonly FoundBatch[]): void {
    for (const [i, { seq, messages, bytes }] of batches.entries()) {
      if (seq !== i + 1)
        throw new Broken('batches are numbered without holes', `expected ${i + 1}, got ${seq}`);
      const count = linesIn(bytes).length;
      if (messages !== count)
        throw new Broken('a batch says how many messages it has', `${seq}: ${messages} of ${count}`);
    }
    for (const [seq, bytes] of this.#given) judgeGiven(seq, bytes, batches[seq - 1]?.bytes);
  }

  /** A replayable source gives again what is not in a batch: what is there is a beginning of it. */
  #judgeReplayed(lines: readonly Line[], position: unknown): void {
    for (const [i, { text }] of lines.entries())
      if (text !== textOf(i))
        throw new Broken('a replayable source is kept from its beginning', `line ${i} is ${short(text)}`);
    if (lines.length < this.#sealed)
      throw new Broken('what was sealed stays', `${lines.length} of ${this.#sealed} messages`);
    if (lines.length > this.#messages.length)
      throw new Broken('what is there was put', `${lines.length} of ${this.#messages.length}`);
    if ((position ?? 0) !== lines.length)
      throw new Broken('the position is behind what is sealed', `${position} with ${lines.length} messages`);
    for (const [i, line] of lines.entries()) judgeReceipt(this.#messages[i] as Message, line);
    this.#messages = this.#messages.slice(0, lines.length);
    for (const message of this.#messages) message.isDurable = true;
  }

  /** Everything acknowledged is there once and in order; of what was not, any of it or a stand-in. */
  #judgeKept(lines: readonly Line[]): void {
    const kept: Message[] = [];
    let next = 0;
    let standIns = 0;
    for (const line of lines) {
      const index = this.#messages.findIndex(({ text }, i) => i >= next && text === line.text);
      if (index >= 0) {
        this.#judgeMissing(next, index, standIns);
        judgeReceipt(this.#messages[index] as Message, line);
        next = index + 1;
        standIns = 0;
      } else if (line.text.startsWith(STAND_IN)) standIns++;
      else this.#complainOf(line.text);
      kept.push({ text: line.text, receivedAtUs: line.receivedAtUs ?? 0, isDurable: true });
    }
    this.#judgeMissing(next, this.#messages.length, standIns);
    this.#messages = kept;
  }

  #judgeMissing(from: number, to: number, standIns: number): void {
    const lost = this.#messages.slice(from, to).find(({ isDurable }) => isDurable);
    if (lost !== undefined) throw new Broken('what was acknowledged is there', `${short(lost.text)} is not`);
    if (standIns > to - from)
      throw new Broken('a stand-in stands for one message', `${standIns} for ${to - from}`);
  }

  #complainOf(text: string): never {
    if (this.#messages.some((message) => message.text === text))
      throw new Broken('each message is there once and in order', `${short(text)} is not`);
    throw new Broken(
      'what is there was put',
      `${short(text)} was not, or was given up by an earlier recovery`,
    );
  }

  #judgeGaps(found: readonly string[]): void {
    for (const { reason, isDurable } of this.#gaps) {
      const count = found.filter((other) => other === reason).length;
      if (count > 1 || (isDurable && count === 0))
        throw new Broken('a gap that was recorded durably stays, once', `${reason} is there ${count} times`);
    }
    const unknown = found.find((reason) => !this.#gaps.some((gap) => gap.reason === reason));
    if (unknown !== undefined) throw new Broken('a gap that is there was recorded', unknown);
    this.#gaps = this.#gaps.filter(({ reason }) => found.includes(reason));
    for (const gap of this.#gaps) gap.isDurable = true;
  }

  #judgeMoment({ lastReceivedUs }: Found): void {
    const last = this.#messages.findLast(({ receivedAtUs }) => receivedAtUs > 0)?.receivedAtUs ?? 0;
    if ((lastReceivedUs ?? 0) > this.#nowUs)
      throw new Broken('reception ended when it did', `${lastReceivedUs} is later`);
    if ((lastReceivedUs ?? 0) < last)
      throw new Broken('reception ended behind the last message', `${lastReceivedUs} < ${last}`);
  }
}

interface Line {
  readonly text: string;
  readonly receivedAtUs: number | undefined;
}

function linesOf({ bytes, receipts }: FoundBatch): readonly Line[] {
  let at = 0;
  return linesIn(bytes).map((text) => {
    const receivedAtUs = receipts.findLast(({ offset }) => offset <= at)?.receivedAtUs;
    at += Buffer.byteLength(text) + 1;
    return { text, receivedAtUs };
  });
}

function linesIn(bytes: Buffer): readonly string[] {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.pop() !== '')
    throw new Broken('a batch ends with a whole message', short(bytes.toString('utf8')));
  return lines;
}

function judgeGiven(seq: number, given: Buffer | undefined, there: Buffer | undefined): void {
  if (there === undefined) throw new Broken('what a reader was given stays', `batch ${seq} is gone`);
  if (given !== undefined && !given.equals(there))
    throw new Broken('what a reader was given stays as it was', `batch ${seq} has other bytes`);
}

function judgeReceipt({ text, receivedAtUs, isDurable }: Message, line: Line): void {
  if (isDurable && receivedAtUs > 0 && line.receivedAtUs !== receivedAtUs)
    throw new Broken(
      'an acknowledged message keeps its receipt',
      `${short(text)}: ${line.receivedAtUs} for ${receivedAtUs}`,
    );
}

function textOf(number: number): string {
  const filler = FILLERS[(number * 7 + (number >> 2)) % FILLERS.length] as number;
  return `"${number} ${'x'.repeat(filler)}"`;
}

function short(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…(${text.length})` : text);
}
