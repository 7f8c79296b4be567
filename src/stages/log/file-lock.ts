import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { SocketElError } from '../../utils/errors.js';
import { isNoSpace } from './no-space.js';

/** O_EXLOCK of macOS, and what libuv makes an exclusive share mode of on Windows. */
const EXCLUSIVE_OPEN: Partial<Record<NodeJS.Platform, number>> = { darwin: 0x20, win32: 0x10000000 };
const FLOCK_CONFLICT = 1;
const OWN_RETRY_MS = 50;
const OWN_RETRIES = 40;

/** Who holds a lock, as its file says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/**
 * A lock that the operating system gives back when its holder dies, however it dies: on Linux flock(2), taken by the
 * `flock` command on a descriptor that we keep, because Node has no call for it.
 */
export class FileLock {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /**
   * Takes the lock. A holder in our own process may be a thread that is just ending and is waited for, two seconds.
   *
   * @param what names the thing for the error, such as `stage of trades`
   * @throws SocketElError `stage.locked`, naming the holder
   */
  static async acquire(path: string, what: string): Promise<FileLock> {
    for (let attempt = 0; ; attempt++) {
      const handle = await tryAcquire(path);
      if (handle !== undefined) return new FileLock(handle);
      const holder = await readHolder(path);
      const isSomebodyElse = holder !== 'unreadable' && holder?.pid !== process.pid;
      if (isSomebodyElse || attempt >= OWN_RETRIES) throw lockedError(path, what, holder);
      await delay(OWN_RETRY_MS);
    }
  }

  /** Gives the lock back. */
  release(): Promise<void> {
    return this.#handle.close();
  }
}

async function tryAcquire(path: string): Promise<FileHandle | undefined> {
  const exclusive = EXCLUSIVE_OPEN[process.platform];
  const handle = await openLockFile(path, exclusive);
  if (handle === undefined) return undefined;
  if (exclusive === undefined && !(await flockOrClose(handle))) return undefined;
  try {
    await writeHolder(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return handle;
}

/** For the message to others; on a full disk they get none. */
async function writeHolder(handle: FileHandle): Promise<void> {
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    await handle.truncate(0);
    await handle.write(`${JSON.stringify(holder)}\n`, 0);
  } catch (error) {
    if (!isNoSpace(error)) throw error;
  }
}

async function openLockFile(path: string, exclusive: number | undefined): Promise<FileHandle | undefined> {
  const flags = constants.O_RDWR | constants.O_CREAT;
  if (exclusive === undefined) return open(path, flags, 0o600);
  return open(path, flags | exclusive | (constants.O_NONBLOCK ?? 0), 0o600).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN' || error.code === 'EBUSY' || error.code === 'EWOULDBLOCK') return undefined;
      throw error;
    },
  );
}

async function flockOrClose(handle: FileHandle): Promise<boolean> {
  let isLocked = false;
  try {
    isLocked = await flock(handle);
    return isLocked;
  } finally {
    if (!isLocked) await handle.close();
  }
}

/** The lock belongs to the open file, not to the child that takes it, so it stays with us when the child has ended. */
function flock(handle: FileHandle): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-x', '-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', handle.fd] });
    child.once('error', (cause) => reject(missingFlock(cause)));
    child.once('exit', (code) => {
      if (code === 0) resolve(true);
      else if (code === FLOCK_CONFLICT) resolve(false);
      else reject(missingFlock(new Error(`flock ended with code ${code}`)));
    });
  });
}

/** On Windows nobody but its holder can open the file. */
async function readHolder(path: string): Promise<Holder | 'unreadable' | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return 'unreadable';
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function lockedError(path: string, what: string, holder: Holder | 'unreadable' | undefined): SocketElError {
  const who =
    holder === undefined || holder === 'unreadable'
      ? 'another process'
      : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  return new SocketElError({
    code: 'stage.locked',
    path,
    message: `${what}: expected to be its only user, but ${who} holds it`,
    hint: 'stop that process, or give this runner another name or path',
  });
}

function missingFlock(cause: Error): SocketElError {
  return new SocketElError(
    {
      code: 'environment.unavailable',
      message: 'expected the command flock to lock the stage, and could not run it',
      hint: 'install util-linux, which has it',
    },
    { cause },
  );
}
