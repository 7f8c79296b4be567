import { LocalStage } from './local.js';
import type { ConvertSegment } from './parquet/conversion-task.js';
import { Converter } from './parquet/converter.js';
import type { StageFs } from './stage-fs.js';

/**
 * A stage whose whole segments become Parquet files, off the receiving path. Producers read the NDJSON ranges until
 * they have passed; then those go and the Parquet files stay for `retain`.
 */
export class ParquetStage extends LocalStage {
  #converter: Converter | undefined;

  override async open(): Promise<void> {
    await super.open();
    const { fs, layout, context } = this;
    const { identity, writer } = this.openLog();
    this.#converter = new Converter({
      fs,
      layout,
      identity,
      decode: context.decode,
      logger: context.logger,
      convert: context.convert ?? convertHere(fs),
      state: writer.state,
      record: (fact) => writer.record(fact),
    });
  }

  override async close(): Promise<void> {
    const converter = this.#converter;
    this.#converter = undefined;
    try {
      if (converter !== undefined) await this.stopWriting();
    } finally {
      await converter?.finish();
      await super.close();
    }
  }

  protected override get isConverted(): boolean {
    return true;
  }
}

/** In this thread. What it needs is loaded with the first segment: most stages are of the other type. */
function convertHere(fs: StageFs): ConvertSegment {
  return async (task) => (await import('./parquet/convert-segment.js')).convertSegment(fs, task);
}
