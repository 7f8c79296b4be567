import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, threadId } from 'node:worker_threads';
import { z } from 'zod';
import { Consumer, consumerSchema, Producer, producerSchema } from '../../../dist/index.js';

const FAULTS = {
  none: () => {},
  throw: () => {
    throw new Error('a fault on purpose');
  },
  reject_aside: () => {
    void Promise.reject(new Error('an unhandled rejection on purpose'));
    return new Promise(() => {});
  },
  exit: () => process.exit(0),
  loop: () => {
    for (;;);
  },
  memory: () => {
    const hoard = [];
    for (;;) hoard.push(new Array(100_000).fill(hoard.length));
  },
  silence: () => parentPort.close(),
  leave_a_timer: () => {
    setInterval(() => {}, 1000);
    throw new Error('a fault that leaves a timer');
  },
};

/** Puts rows that carry the id of its thread, then has a fault; `endless` goes on putting instead of ending. */
class FaultyConsumer extends Consumer {
  async run(signal) {
    const { rows, fault, endless } = this.settings;
    const { stage } = this.context;
    await stage.put(Array.from({ length: rows }, (_, seq) => ({ seq, thread: threadId })));
    await this.flush();
    await FAULTS[fault]();
    while (endless && !signal.aborted) {
      await stage.put({ seq: -1, thread: threadId });
      await delay(20);
    }
  }
}

const faulty = {
  type: 'consumer',
  name: 'faulty',
  summary: 'Puts rows and then has a fault.',
  replayable: false,
  schema: consumerSchema({
    rows: z.number().default(10),
    fault: z.enum(Object.keys(FAULTS)).default('none'),
    endless: z.boolean().default(false),
  }),
  create: async (settings, context) => new FaultyConsumer(settings, context),
};

/** Loads everything, and fails once when it is done; the file `marker` says that it has. */
class StumblingProducer extends Producer {
  async write(batches) {
    const messages = batches.reduce((sum, batch) => sum + batch.messages, 0);
    const none = { ignoredMessages: 0, deadMessages: 0, skippedMessages: 0, deadRows: 0, skippedRows: 0 };
    return { ...none, messages, decodedMessages: messages, rows: messages, loadedRows: messages };
  }

  async run(ending) {
    await super.run(ending);
    if (existsSync(this.settings.marker)) return;
    writeFileSync(this.settings.marker, '');
    throw new Error('a stumble on purpose');
  }
}

const stumbling = {
  type: 'producer',
  name: 'stumbling',
  summary: 'Fails once when everything is loaded.',
  schema: producerSchema({ marker: z.string() }),
  create: async (settings, context) => new StumblingProducer(settings, context),
};

export const varieties = [faulty, stumbling];
