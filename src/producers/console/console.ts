import type { Batch } from '../../stages/stage.js';
import { MessageDecoder } from '../../utils/rows/message-decoder.js';
import { rowText } from '../../utils/rows/row-text.js';
import { noCounts, type SetAside, visitBatch } from '../../utils/rows/visit-batch.js';
import { Producer, type Receipt, type Source } from '../producer.js';
import type { ConsoleSettings } from './settings.js';

/** Prints rows as they were received, under their names after `rename`. Dead letters are logged with their reason. */
export class ConsoleProducer extends Producer<ConsoleSettings> {
  override async write(batches: readonly Batch[], source: Source): Promise<Receipt> {
    const decoder = new MessageDecoder(source.decode);
    const renamed = new Map(Object.entries(source.decode.rename));
    const nameOf = (key: string) => renamed.get(key) ?? key;
    const lines: string[] = [];
    const totals = noCounts();
    for (const batch of batches) {
      const { bytes } = await batch.read();
      const counts = visitBatch(bytes, decoder, {
        row: (cells) => {
          lines.push(`${rowText(cells, nameOf)}\n`);
          return undefined;
        },
        setAside: (letter) => this.#logDead(batch, letter),
      });
      for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += counts[key];
    }
    await print(lines);
    const messages = batches.reduce((sum, batch) => sum + batch.messages, 0);
    return {
      ...totals,
      messages,
      rows: totals.loadedRows + totals.deadRows + totals.discardedRows,
      skippedMessages: 0,
      skippedRows: 0,
    };
  }

  #logDead(batch: Batch, { message, reason, raw }: SetAside): void {
    const place = `message ${message} of batch ${batch.seq} of ${batch.consumer}`;
    this.context.logger.log({
      level: 'warn',
      message: `dead letter, ${place}: ${reason}: ${raw.toString('utf8', 0, 200)}`,
      code: 'row.malformed',
    });
  }
}

function print(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    process.stdout.write(lines.join(''), (error) => (error ? reject(error) : resolve()));
  });
}
