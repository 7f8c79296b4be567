import { posix } from 'node:path';
import { SimulatedFile } from './simulated-file.js';
import { type Place, SimulatedFolder, SimulatedNames, type SimulatedNode } from './simulated-names.js';

/** An error as the system gives it for a call such as `open /a`. */
export function systemError(code: string, call: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${call}`), { code, syscall: call.split(' ')[0] });
}

/** What a machine is built with. */
export interface Machine {
  /** Room on its disk; no limit unless given. */
  readonly bytes?: number;
  /** Its clock; the real time unless given. */
  readonly clockMs?: () => number;
}

/** What all processes of one machine share: files, names, and who holds which lock. */
export class SimulatedDisk {
  readonly names = new SimulatedNames();
  /** Everything that happened, for the message of a failing test. */
  readonly log: string[];
  /** The paths that are locked. */
  readonly locks = new Set<string>();
  /** Room for the files' bytes. */
  readonly capacity: number;
  readonly clockMs: () => number;
  isOff = false;
  readonly #root = new SimulatedFolder();
  readonly #files = new Set<SimulatedFile>();

  constructor({ bytes, clockMs }: Machine, log: string[] = []) {
    this.capacity = bytes ?? Number.POSITIVE_INFINITY;
    this.clockMs = clockMs ?? Date.now;
    this.log = log;
  }

  /** Bytes that may still be written. */
  get free(): number {
    if (this.capacity === Number.POSITIVE_INFINITY) return this.capacity;
    let used = 0;
    for (const file of this.#files) if (this.#isHeld(file)) used += file.size;
    return Math.max(0, this.capacity - used);
  }

  find(path: string): SimulatedNode | undefined {
    let node: SimulatedNode | undefined = this.#root;
    for (const name of namesOf(path)) node = node?.kind === 'folder' ? node.entries.get(name) : undefined;
    return node;
  }

  /** @throws ENOENT when there is no such file */
  file(path: string): SimulatedFile {
    const node = this.find(path);
    if (node?.kind === 'file') return node;
    throw systemError(node === undefined ? 'ENOENT' : 'EISDIR', `open ${path}`);
  }

  /** @throws ENOENT when there is no such folder */
  folder(path: string): SimulatedFolder {
    const node = this.find(path);
    if (node?.kind === 'folder') return node;
    throw systemError(node === undefined ? 'ENOENT' : 'ENOTDIR', `open ${path}`);
  }

  /** The folder that a path lies in, and its name there. */
  placeOf(path: string): Place {
    return { folder: this.folder(posix.dirname(path)), name: posix.basename(path) };
  }

  createFile(path: string): SimulatedFile {
    const file = new SimulatedFile(undefined, this.clockMs());
    this.names.place(file, this.placeOf(path));
    this.#files.add(file);
    return file;
  }

  /** Makes a folder and those above it. @returns the paths of those that were not there, the highest first */
  makeFolders(path: string): readonly string[] {
    const made: string[] = [];
    let folder = this.#root;
    let at = '';
    for (const name of namesOf(path)) {
      at += `/${name}`;
      const known = folder.entries.get(name);
      if (known?.kind === 'file') throw systemError('EEXIST', `mkdir ${path}`);
      const next = known ?? new SimulatedFolder();
      if (known === undefined) made.push(at);
      this.names.place(next, { folder, name });
      folder = next;
    }
    return made;
  }

  /** Makes everything durable, as a machine does that is shut down. */
  syncAll(): void {
    this.names.losePower(() => true);
    for (const file of this.#files) file.sync();
  }

  /** What is found when the power comes back, as another object. Nothing works on this one any more. */
  afterPowerLoss(random: () => number): SimulatedDisk {
    this.isOff = true;
    this.log.push('-- the power is gone');
    const kept = [0, 0.3, 0.7, 1][Math.floor(random() * 4)] as number;
    const lost = this.names.losePower(() => random() < kept);
    if (lost.length > 0) this.log.push(`lost: ${lost.join(', ')}`);
    const found = new SimulatedDisk({ bytes: this.capacity, clockMs: this.clockMs }, this.log);
    this.#copyInto(found, { from: this.#root, to: '' }, random);
    found.syncAll();
    return found;
  }

  #copyInto(
    found: SimulatedDisk,
    { from, to }: { readonly from: SimulatedFolder; readonly to: string },
    random: () => number,
  ): void {
    for (const [name, node] of this.names.onDisk(from)) {
      const path = `${to}/${name}`;
      if (node.kind === 'folder') {
        found.makeFolders(path);
        this.#copyInto(found, { from: node, to: path }, random);
        continue;
      }
      const { file, fates } = node.afterPowerLoss(random);
      found.names.place(file, found.placeOf(path));
      found.#files.add(file);
      if (fates.length > 0) this.log.push(`${path}: ${file.size} bytes, changes ${fates.join(', ')}`);
    }
  }

  #isHeld(file: SimulatedFile): boolean {
    return file.users > 0 || this.names.placeOf(file) !== undefined;
  }
}

const NAMES = new Map<string, readonly string[]>();

/** Paths are few and asked for often. */
function namesOf(path: string): readonly string[] {
  let names = NAMES.get(path);
  if (names === undefined) {
    names = path.split('/').filter((name) => name !== '');
    NAMES.set(path, names);
  }
  return names;
}
