import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { SocketElError } from '../../utils/errors.js';
import type { StageFs } from '../stage-fs.js';
import { writeAtomically } from './atomic-file.js';
import { checkedLine, parseCheckedLine } from './checked-line.js';
import type { StageLayout } from './layout.js';
import { readNewestHeader } from './manifest-header.js';

/** The content of `stage.json`. `id` names the stage in every ledger. */
export interface StageIdentity {
  readonly version: 1;
  readonly id: string;
  readonly pipeline: string;
  readonly consumer: string;
  readonly created_at: string;
  /** Batches up to this one were loaded under another id. */
  readonly rekeyed_after?: number | undefined;
}

/** Who a stage belongs to. */
export interface StageOwner {
  readonly pipeline: string;
  readonly consumer: string;
}

/**
 * The stage's identity; undefined when there is no stage yet. A damaged `stage.json` is made again from the newest
 * manifest, which names the stage too.
 *
 * @throws SocketElError `stage.damaged` when neither names it
 */
export async function readIdentity(
  fs: StageFs,
  layout: StageLayout,
  owner: StageOwner,
): Promise<StageIdentity | undefined> {
  const text = await fs.readSmall(layout.identity);
  const known = parseCheckedLine((text ?? '').trimEnd()) as StageIdentity | undefined;
  if (known !== undefined) return known;
  const header = await readNewestHeader(fs, layout);
  if (header !== undefined) {
    const { pipeline, consumer } = owner;
    return { version: 1, id: header.stage, pipeline, consumer, created_at: 'unknown' };
  }
  if (text === undefined || text === '') return undefined;
  const message = `${layout.identity}: expected the stage's identity, it is damaged, and so is the manifest`;
  throw new SocketElError({
    code: 'stage.damaged',
    path: layout.identity,
    message,
    hint: 'restore the file from a copy',
  });
}

/** The stage's identity, made when there is none and mended when its file is damaged. */
export async function ensureIdentity(
  fs: StageFs,
  layout: StageLayout,
  owner: StageOwner,
): Promise<StageIdentity> {
  const created: StageIdentity = {
    version: 1,
    id: randomUUID(),
    ...owner,
    created_at: new Date().toISOString(),
  };
  const identity = (await readIdentity(fs, layout, owner)) ?? created;
  const text = `${checkedLine(identity)}\n`;
  if ((await fs.readSmall(layout.identity)) !== text) await writeIdentity(fs, layout, identity);
  else await syncUpwards(fs, layout.folder);
  return identity;
}

/** Writes `stage.json`, durably. */
export async function writeIdentity(
  fs: StageFs,
  layout: StageLayout,
  identity: StageIdentity,
): Promise<void> {
  await writeAtomically(fs, layout.identity, `${checkedLine(identity)}\n`);
  await syncUpwards(fs, layout.folder);
}

/** A start that was killed may have made any of the folders above and not synced the one that names it. */
async function syncUpwards(fs: StageFs, folder: string): Promise<void> {
  for (let at = folder, below = ''; at !== below; below = at, at = dirname(at)) {
    try {
      await fs.syncFolder(at);
    } catch (error) {
      // Whoever may not read a folder did not make it.
      if (isForbidden(error)) return;
      throw error;
    }
  }
}

function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EINVAL'].includes(String((error as NodeJS.ErrnoException).code));
}
