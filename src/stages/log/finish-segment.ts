import type { StageFs } from '../stage-fs.js';
import type { StageLayout } from './layout.js';

/**
 * Moves a segment that gets no more messages from `open/` to `data/`, or removes it when it has none. Can be killed
 * and run again; its index goes first, so a segment in `data/` has one.
 */
export async function finishSegment(fs: StageFs, layout: StageLayout, segment: number): Promise<void> {
  if (!(await fs.exists(layout.segment('open', segment)))) return;
  const file = await fs.open(layout.segment('open', segment), 'read');
  const size = await file.size().finally(() => file.close());
  const receipts = layout.receipts('open', segment);
  const hasReceipts = await fs.exists(receipts);
  if (size === 0) {
    if (hasReceipts) await fs.unlink(receipts);
    await fs.unlink(layout.segment('open', segment));
  } else {
    if (hasReceipts) await fs.rename(receipts, layout.receipts('data', segment));
    await fs.rename(layout.segment('open', segment), layout.segment('data', segment));
  }
  await fs.syncFolder(layout.dataFolder);
  await fs.syncFolder(layout.openFolder);
}
