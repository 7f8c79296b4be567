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

/** Behind the first row, to see what comes beside rows: most feeds send a heartbeat every second. */
const LOOK_ON_MS = 1200;
/** What ends a connection behind the first row is nothing that stands in the way. */
const ENOUGH = { by: 'enough' } as const;

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

/** Receives from a source until a moment behind the first row, and says what it met. Nothing is staged. */
export async function examineSource(place: SourcePlace): Promise<SourceFindings> {
  const { builder, name, waitMs, redactor } = place;
  const decode = builder.consumerSettings(name);
  const seen = new FirstMessages(decode, (text) => redactor.text(text));
  const stop = new AbortController();
  const enough = () => stop.abort('enough' satisfies LookReason);
  let lookingOn: NodeJS.Timeout | undefined;
  const stage = new MemoryStage((chunk) => {
    seen.take(chunk);
    if (seen.isFull) enough();
    else if (seen.isEnough) lookingOn ??= setTimeout(enough, LOOK_ON_MS);
  });
  try {
    const { logger, logged } = gatherLog();
    const replayable = builder.isReplayable(name);
    const context = { name, stage, replayable, logger, folder: place.folder, onGap: () => {} };
    const consumer = await builder.consumer(name, context);
    const ending = await receive(consumer, stage, stop, waitMs);
    const source = await consumer.examine();
    const isSettled = seen.isEnough && ending.by === 'error';
    const look = { ending: isSettled ? ENOUGH : ending, seen, source, waitMs, decode };
    const findings = [...judgeSource(look), ...logged];
    return { ...shownOf(seen, source.facts), findings, sample: sampleOf(name, seen) };
  } catch (error) {
    return { ...shownOf(seen, {}), findings: [errorFinding(error)] };
  } finally {
    clearTimeout(lookingOn);
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
