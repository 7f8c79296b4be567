import type { Pipeline } from '../engine/pipeline.js';
import type { ProgressMeter } from '../engine/progress/progress-meter.js';
import type { LogFormat, Logger } from '../utils/logger.js';
import { blockLines } from './live/block-lines.js';
import { LiveBlock } from './live/live-block.js';
import { paintFor } from './live/style.js';
import { startProgressLines } from './progress.js';

interface DisplayFlags {
  readonly progress: boolean;
  readonly logFormat: LogFormat;
}

/** What a run shows of itself on standard error: events, and below them, on a terminal, a line for each runner. */
export class RunDisplay {
  readonly #flags: DisplayFlags;
  #block: LiveBlock | undefined;
  #stopLines: () => void = () => {};

  constructor(flags: DisplayFlags) {
    this.#flags = flags;
  }

  /** Prints whole lines that stay. */
  print(text: string): void {
    if (this.#block === undefined) process.stderr.write(text);
    else this.#block.print(text);
  }

  start(
    meter: ProgressMeter,
    { pipeline, logger }: { readonly pipeline: Pipeline; readonly logger: Logger },
  ): void {
    if (!this.#flags.progress) return;
    if (!this.#hasTerminal(pipeline)) {
      this.#stopLines = startProgressLines(meter, logger);
      return;
    }
    const paint = paintFor(process.env);
    this.#block = new LiveBlock(process.stderr, (window) => blockLines(meter.sample(), window, paint));
    this.#block.start();
  }

  stop(): void {
    this.#stopLines();
    this.#block?.stop();
  }

  /** Rows that are printed on the same terminal would tear the block apart. */
  #hasTerminal({ runners }: Pipeline): boolean {
    const isPrinting = process.stdout.isTTY && runners.some(({ variety }) => variety === 'console');
    const isText = this.#flags.logFormat === 'text' && process.env['TERM'] !== 'dumb';
    return process.stderr.isTTY && isText && !isPrinting;
  }
}
