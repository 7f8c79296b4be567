import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { SocketElError } from '../../utils/errors.js';
import type { StageFs } from '../stage-fs.js';
import { writeAtomically } from './atomic-file.js';
import type { StageLayout } from './layout.js';

/** The content of `stage.json`, written once. `id` names the stage in every ledger. */
export interface StageIdentity {
  readonly version: 1;
  readonly id: string;
  readonly pipeline: string;
  readonly consumer: string;
  readonly created_at: string;
}

/** The stage's identity; undefined when there is no stage yet. @throws SocketElError `stage.damaged` */
export async function readIdentity(fs: StageFs, layout: StageLayout): Promise<StageIdentity | undefined> {
  const text = await fs.readSmall(layout.identity);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as StageIdentity;
  } catch (cause) {
    const message = `${layout.identity}: expected the stage's identity as JSON`;
    throw new SocketElError(
      { code: 'stage.damaged', message, hint: 'restore the file from a copy' },
      { cause },
    );
  }
}

/** The stage's identity, made when there is none. */
export async function ensureIdentity(
  fs: StageFs,
  layout: StageLayout,
  owner: { readonly pipeline: string; readonly consumer: string },
): Promise<StageIdentity> {
  const known = await readIdentity(fs, layout);
  if (known !== undefined) return known;
  const created_at = new Date().toISOString();
  const identity: StageIdentity = { version: 1, id: randomUUID(), ...owner, created_at };
  await writeAtomically(fs, layout.identity, `${JSON.stringify(identity)}\n`);
  await fs.syncFolder(layout.folder);
  await fs.syncFolder(dirname(layout.folder));
  return identity;
}
