import { join } from 'node:path';
import { nodeStageFs } from '../stages/stage-fs.js';
import { openStageFolder, type StageFolder } from '../stages/upkeep/stage-folder.js';
import { SocketElError } from '../utils/errors.js';
import { nearestName } from '../utils/nearest-name.js';
import { ComponentBuilder } from './component-builder.js';
import { loadPipeline } from './config/load-pipeline.js';
import type { Pipeline } from './pipeline.js';

/** Leads from a configuration to the stages of its consumers, for those who look after them. */
export class StageKeeper {
  readonly pipeline: Pipeline;
  readonly builder: ComponentBuilder;

  private constructor(pipeline: Pipeline, builder: ComponentBuilder) {
    this.pipeline = pipeline;
    this.builder = builder;
  }

  /** @throws ProblemsError when the configuration has problems; profiles are not looked at */
  static async load(config: string): Promise<StageKeeper> {
    const { pipeline } = await loadPipeline(config, { profileFiles: [], withoutProfiles: true });
    return new StageKeeper(pipeline, await ComponentBuilder.load(pipeline));
  }

  /** Names of the consumers, or the one that is asked for. @throws SocketElError `usage.argument` */
  consumers(only?: string): readonly string[] {
    return this.#names('consumer', only);
  }

  /** Names of the producers, or the one that is asked for. @throws SocketElError `usage.argument` */
  producers(only?: string): readonly string[] {
    return this.#names('producer', only);
  }

  /** Producers that load a consumer's stage. */
  dependents(consumer: string): readonly string[] {
    return this.builder.dependents(consumer);
  }

  /** @throws SocketElError `stage.missing` when nothing was staged yet */
  folder(consumer: string): Promise<StageFolder> {
    const owner = { pipeline: this.pipeline.name, consumer };
    return openStageFolder(nodeStageFs, join(this.builder.stageRoot(consumer), consumer), owner);
  }

  /** The stages of those consumers that have one. */
  async folders(only?: string): Promise<readonly StageFolder[]> {
    const folders: StageFolder[] = [];
    for (const consumer of this.consumers(only)) {
      try {
        folders.push(await this.folder(consumer));
      } catch (error) {
        const isMissing = error instanceof SocketElError && error.code === 'stage.missing';
        if (!isMissing || only !== undefined) throw error;
      }
    }
    return folders;
  }

  #names(type: 'consumer' | 'producer', only: string | undefined): readonly string[] {
    const names = this.pipeline.runners.filter((runner) => runner.type === type).map(({ name }) => name);
    if (only === undefined) return names;
    if (names.includes(only)) return [only];
    const near = nearestName(only, names);
    throw new SocketElError({
      code: 'usage.argument',
      message: `expected the name of a ${type}, got "${only}"`,
      hint: near === undefined ? `${type}s: ${names.join(', ')}` : `did you mean ${near}?`,
    });
  }
}
