import { instantText } from '../../utils/instant-text.js';
import { listReaders, readCursor } from '../log/cursor.js';
import { parquetRange } from '../log/layout.js';
import type { StageFs } from '../stage-fs.js';
import type { StageFolder } from './stage-folder.js';

/** A reader's place, as an operator sees it. */
interface ReaderDescription {
  readonly name: string;
  /** Whether a producer of the configuration has this name; the cursor of one that is gone keeps batches for ever. */
  readonly in_config: boolean;
  /** The batch that it has passed. */
  readonly passed: number;
  readonly waiting_batches: number;
  readonly waiting_bytes: number;
  /** When its cursor moved last; null when it has none yet. */
  readonly at: string | null;
  /** Process that reads under this name; null when none does. */
  readonly pid: number | null;
}

/** A stage, as an operator sees it. Times are RFC 3339, `bytes` those of messages. */
export interface StageDescription {
  readonly consumer: string;
  readonly id: string;
  readonly folder: string;
  readonly created_at: string;
  /** Process that writes it; null when none does. */
  readonly writer_pid: number | null;
  readonly ended: boolean;
  /** The last moment at which the source was known to be received; null before the first. */
  readonly last_received_at: string | null;
  /** The batches that are kept; first is last + 1 when there is none. */
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  /** Messages and bytes ever staged. */
  readonly total_messages: number;
  readonly total_bytes: number;
  readonly parquet_files: number;
  readonly readers: readonly ReaderDescription[];
}

/** Says how a stage stands; it reads only the newest manifest file, so it takes no longer for a large stage. */
export async function describeStage(
  folder: StageFolder,
  dependents: readonly string[],
): Promise<StageDescription> {
  const { fs, layout, identity, state } = folder;
  const names = new Set([...dependents, ...(await listReaders(fs, layout))]);
  const files = await fs.list(layout.dataFolder);
  return {
    consumer: identity.consumer,
    id: identity.id,
    folder: layout.folder,
    created_at: identity.created_at,
    writer_pid: await holderOf(folder.fs, layout.lock),
    ended: state.hasEnded,
    last_received_at: state.lastReceivedUs === undefined ? null : instantText(state.lastReceivedUs),
    first: state.pruned.through + 1,
    last: state.nextSeq - 1,
    bytes: state.bytes - state.pruned.bytes,
    total_messages: state.messages,
    total_bytes: state.bytes,
    parquet_files: files.filter((name) => parquetRange(name) !== undefined).length,
    readers: await Promise.all(
      [...names].map((name) => describeReader(folder, name, dependents.includes(name))),
    ),
  };
}

async function describeReader(
  { fs, layout, state }: StageFolder,
  name: string,
  inConfig: boolean,
): Promise<ReaderDescription> {
  const cursor = await readCursor(fs, layout, name);
  const place = cursor ?? { seq: state.pruned.through, bytes: state.pruned.bytes, at: null };
  return {
    name,
    in_config: inConfig,
    passed: place.seq,
    waiting_batches: Math.max(0, state.nextSeq - 1 - place.seq),
    waiting_bytes: Math.max(0, state.bytes - place.bytes),
    at: place.at,
    pid: await holderOf(fs, layout.cursorLock(name)),
  };
}

/** The lock's file stays when its holder is gone, so the process is looked for. */
async function holderOf(fs: StageFs, lock: string): Promise<number | null> {
  const holder = await fs.readSmall(lock).catch((error: NodeJS.ErrnoException) => {
    // On Windows nobody but its holder can open the file, so the holder is not known.
    if (error.code === 'EBUSY') return undefined;
    throw error;
  });
  const pid = Number(/"pid":(\d+)/.exec(holder ?? '')?.[1]);
  if (!Number.isSafeInteger(pid)) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : null;
  }
}
