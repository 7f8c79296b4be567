/** Checked by the compiler alone: what the library's types accept, and what they do not. */
import {
  Consumer,
  type ConsumerVariety,
  defineVariety,
  durationSetting,
  type MessageChunk,
  Producer,
  type ProducerVariety,
  type Receipt,
  type RunSummary,
  runPipeline,
  type Source,
  z,
} from 'socket-el';
import { type ContractCase, consumerContract, stageContract } from 'socket-el/testing';

interface Settings {
  readonly every: number;
}

class OnlyRead extends Consumer<Settings> {
  override async *read(signal: AbortSignal): AsyncGenerator<MessageChunk> {
    if (!signal.aborted)
      yield this.chunk(['{}', Buffer.from('{}')], { position: { at: this.settings.every } });
    // @ts-expect-error: a chunk is made of texts or bytes
    this.chunk(1);
    // @ts-expect-error: it is not among its settings
    this.settings.often;
  }
}

class OnlyRunAndFlush extends Consumer<Settings> {
  override async run(): Promise<void> {
    await this.context.stage.put({ n: 1 });
    await this.context.stage.put([{ n: 2 }]);
    // @ts-expect-error: a number is no row
    await this.context.stage.put(3);
  }

  override async flush(): Promise<void> {
    await super.flush();
  }
}

class Sink extends Producer {
  override async write(): Promise<Receipt> {
    // @ts-expect-error: a receipt accounts for every message
    return { messages: 1 };
  }
}

class OtherSink extends Producer {
  override async write(_batches: readonly unknown[], { consumer }: Source): Promise<Receipt> {
    throw new Error(consumer);
  }
}

// @ts-expect-error: a producer writes
export class NoSink extends Producer {}

const consumer: ConsumerVariety = defineVariety({
  type: 'consumer',
  name: 'ticks',
  summary: 'Ticks.',
  settings: { every: durationSetting(), label: z.string().optional() },
  create: (settings, context) => {
    const label: string | undefined = settings.label;
    const path: string = settings.stage.path;
    // @ts-expect-error: a duration is milliseconds
    const every: string = settings.every;
    return new OnlyRead({ every: label === path ? 0 : Number(every) }, context);
  },
});

const producer: ProducerVariety = defineVariety({
  type: 'producer',
  name: 'sink',
  summary: 'Sinks.',
  settings: {},
  create: async (settings, context) =>
    settings.depends_on.length > 1 ? new Sink({}, context) : new OtherSink({}, context),
});

const head = { name: 'x', summary: 'x', settings: {} } as const;
// @ts-expect-error: a variety of consumers makes a consumer
defineVariety({ ...head, type: 'consumer', create: (_, context) => new OtherSink({}, context as never) });

export const varieties = [consumer, producer];
export const made = OnlyRunAndFlush;
export const cases: readonly ContractCase[] = [
  ...consumerContract({ settings: { variety: 'ticks' } }),
  ...stageContract(() => {
    throw new Error('none');
  }),
];

export const run: () => Promise<RunSummary> = () =>
  runPipeline({ runners: [{ name: 'a', type: 'consumer', variety: 'file' }] }, { maxMessages: 1 });

// @ts-expect-error: a configuration has runners
export const wrong = () => runPipeline({});
