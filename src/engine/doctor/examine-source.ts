import type { Batch } from '../../stages/stage.js';
import type { Finding } from '../../utils/examination.js';
import type { Logger } from '../../utils/logger.js';
import type { Redactor } from '../../utils/redaction.js';
import type { ComponentBuilder } from '../component-builder.js';
import { errorFinding } from './error-finding.js';
import { FirstMessages } from './first-messages.js';
import { judgeSource } from './judge-source.js';
import { MemoryStage, memoryBatch } from './memory-stage.js';
import { type LookReason, receive } from './receive.js';
import type { RunnerReport } from './report.js';

/** What a runner's report has beside its name and place, which the caller knows. */
export type RunnerFindings = Pick<RunnerReport, 'facts' | 'messages' | 'row'> & {
  readonly findings: readonly Finding[];
};

/** What a source gave, and its first messages as a batch for those who load it. */
export interface SourceFindings extends RunnerFindings {
  readonly sample?: Batch | undefined;
}

/** What looking at a source needs. */
export interface SourcePlace {
  readonly builder: ComponentBuilder;
  readonly name: string;
  /** The configuration's folder. */
  readonly folder: string;
  readonly waitMs: number;
  readonly redactor: Redactor;
}

/** Receives from a source until the first row, and says what it met. Nothing is staged. */
export async function examineSource(place: SourcePlace): Promise<SourceFindings> {
  const { builder, name, waitMs, redactor } = place;
  const seen = new FirstMessages(builder.consumerSettings(name), (text) => redactor.text(text));
  const stop = new AbortController();
  const stage = new MemoryStage((chunk) => {
    seen.take(chunk);
    if (seen.isEnough) stop.abort('enough' satisfies LookReason);
  });
  try {
    const { logger, logged } = gatherLog();
    const replayable = builder.isReplayable(name);
    const context = { name, stage, replayable, logger, folder: place.folder, onGap: () => {} };
    const consumer = await builder.consumer(name, context);
    const ending = await receive(consumer, stage, stop, waitMs);
    const source = await consumer.examine();
    const findings = [...judgeSource({ ending, seen, source, waitMs }), ...logged];
    return { ...shownOf(seen, source.facts), findings, sample: sampleOf(name, seen) };
  } catch (error) {
    return { ...shownOf(seen, {}), findings: [errorFinding(error)] };
  }
}

function shownOf(seen: FirstMessages, facts: RunnerReport['facts']) {
  const { counts, shown, row = null, firstAfterMs = null } = seen;
  const { deadRows, ...rest } = counts;
  const countedFacts = { ...facts, first_message_after_ms: firstAfterMs, ...rest, dead_rows: deadRows };
  return { facts: countedFacts, messages: shown, row };
}

function sampleOf(name: string, { chunks }: FirstMessages): Batch | undefined {
  return chunks.length === 0 ? undefined : memoryBatch(name, chunks);
}

/** What a component warns of while it is looked at is worth a word. */
export function gatherLog(): { readonly logger: Logger; readonly logged: readonly Finding[] } {
  const logged: Finding[] = [];
  const logger: Logger = {
    log: ({ level, message, hint }) => {
      if (level !== 'warn' && level !== 'error') return;
      const fixes = hint === undefined ? [] : [{ text: hint, paste: [] }];
      logged.push({ state: 'note', text: message, fixes });
    },
  };
  return { logger, logged };
}
