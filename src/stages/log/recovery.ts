import { nowUs } from '../../utils/clock.js';
import type { StageFs } from '../stage-fs.js';
import { type Fact, instantText } from './fact.js';
import { numbersIn, type StageLayout } from './layout.js';
import type { ManifestWriter } from './manifest-writer.js';
import { type RecoveredManifest, recoverManifest } from './recover-manifest.js';
import { recoverSegment } from './recover-segment.js';
import type { WriterState } from './writer-state.js';

/** A stage that is whole again and ready to be appended to. */
export interface Recovered {
  readonly manifest: ManifestWriter;
  readonly state: WriterState;
  /** Messages that were durable but in no batch yet; they are in one now. */
  readonly recoveredMessages: number;
}

/** What recovery is told about the stage. */
export interface RecoverOptions {
  readonly stageId: string;
  readonly replayable: boolean;
}

/**
 * Makes a stage whole after whatever end its last writer had. The caller holds the writer's lock. Killed at any point
 * and run again it comes to the same result.
 */
export async function recover(fs: StageFs, layout: StageLayout, options: RecoverOptions): Promise<Recovered> {
  const { manifest, state } = await recoverManifest(fs, layout, options.stageId);
  try {
    const before = state.messages;
    await recoverSegments(fs, layout, { manifest, state, replayable: options.replayable });
    const recoveredMessages = state.messages - before;
    const at = instantText(nowUs());
    await appendFact(manifest, state, { fact: 'opened', epoch: state.epoch + 1, at, pid: process.pid });
    return { manifest, state, recoveredMessages };
  } catch (error) {
    await manifest.close();
    throw error;
  }
}

async function recoverSegments(
  fs: StageFs,
  layout: StageLayout,
  { manifest, state, replayable }: RecoveredManifest & { readonly replayable: boolean },
): Promise<void> {
  const open = numbersIn(await fs.list(layout.openFolder));
  for (const segment of open) {
    const batch = await recoverSegment(fs, layout, segment, { state, replayable });
    if (batch !== undefined) await appendFact(manifest, state, batch);
    await finishSegment(fs, layout, segment);
  }
  state.finishAll();
  // A manifest that lost lines must not lead to a number that a whole segment has.
  const newest = Math.max(0, ...open, ...numbersIn(await fs.list(layout.dataFolder)).slice(-1));
  state.nextSegment = Math.max(state.nextSegment, newest + 1);
}

/** Moves a segment that gets no more messages from `open/` to `data/`, or removes it when it has none. */
export async function finishSegment(fs: StageFs, layout: StageLayout, segment: number): Promise<void> {
  const file = await fs.open(layout.segment('open', segment), 'read');
  const size = await file.size().finally(() => file.close());
  const receipts = layout.receipts('open', segment);
  if (size === 0) {
    if (await fs.exists(receipts)) await fs.unlink(receipts);
    await fs.unlink(layout.segment('open', segment));
  } else {
    if (await fs.exists(receipts)) await fs.rename(receipts, layout.receipts('data', segment));
    await fs.rename(layout.segment('open', segment), layout.segment('data', segment));
  }
  await fs.syncFolder(layout.dataFolder);
  await fs.syncFolder(layout.openFolder);
}

async function appendFact(manifest: ManifestWriter, state: WriterState, fact: Fact): Promise<void> {
  await manifest.append([fact]);
  state.apply(fact);
}
