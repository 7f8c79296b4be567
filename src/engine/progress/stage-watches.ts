import { join } from 'node:path';
import { nodeStageFs } from '../../stages/stage-fs.js';
import { StageWatch, type Waiting } from '../../stages/upkeep/stage-watch.js';
import type { ComponentBuilder } from '../component-builder.js';
import type { Pipeline } from '../pipeline.js';

/** Looks at the stages of a pipeline, those too that another process writes or reads. */
export class StageWatches {
  readonly #pipeline: Pipeline;
  readonly #builder: ComponentBuilder;
  readonly #watches = new Map<string, StageWatch>();

  constructor(pipeline: Pipeline, builder: ComponentBuilder) {
    this.#pipeline = pipeline;
    this.#builder = builder;
  }

  /** What waits for each producer, over all stages that it loads; nothing is said of one whose stages cannot be read. */
  async look(): Promise<ReadonlyMap<string, Waiting>> {
    const producers = this.#pipeline.runners.filter(({ type }) => type === 'producer');
    const consumers = new Set(producers.flatMap(({ dependsOn }) => dependsOn));
    await Promise.all([...consumers].map((name) => this.#lookAt(name)));
    const waiting = new Map<string, Waiting>();
    for (const { name, dependsOn } of producers) {
      const each = await Promise.all(
        dependsOn.map((consumer) => this.#watches.get(consumer)?.waitingFor(name)),
      );
      waiting.set(name, total(each));
    }
    return waiting;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#watches.values()].map((watch) => watch.close()));
    this.#watches.clear();
  }

  /** A stage may not be there yet, or be damaged; who shows figures is not the one to complain. */
  async #lookAt(consumer: string): Promise<void> {
    const known = this.#watches.get(consumer);
    try {
      const watch = known ?? (await this.#open(consumer));
      await watch?.look();
      if (watch !== undefined) this.#watches.set(consumer, watch);
    } catch {
      this.#watches.delete(consumer);
      await known?.close().catch(() => {});
    }
  }

  #open(consumer: string): Promise<StageWatch | undefined> {
    const folder = join(this.#builder.stageRoot(consumer), consumer);
    return StageWatch.open(nodeStageFs, folder, { pipeline: this.#pipeline.name, consumer });
  }
}

function total(parts: readonly (Waiting | undefined)[]): Waiting {
  const known = parts.filter((part) => part !== undefined);
  return {
    batches: known.reduce((sum, { batches }) => sum + batches, 0),
    bytes: known.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
