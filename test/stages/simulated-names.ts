import type { SimulatedFile } from './simulated-file.js';

/** A folder as it is seen; what of it is on the disk is known to {@link SimulatedNames}. */
export class SimulatedFolder {
  readonly kind = 'folder';
  readonly entries = new Map<string, SimulatedNode>();
}

export type SimulatedNode = SimulatedFile | SimulatedFolder;

/** A name in a folder. */
export interface Place {
  readonly folder: SimulatedFolder;
  readonly name: string;
}

/** A change of a name that is seen and may not be on the disk: `node` got its name `at`, or lost it. */
interface Change {
  readonly node: SimulatedNode;
  readonly at: Place;
  readonly isUnlink: boolean;
}

/**
 * The names on a disk, which become durable when their folder is synced; until then each change is kept or lost on
 * its own. A node has one name at a time, so a rename is one change: the old name or the new one, and it is durable
 * when the folder that it moves into is synced. Whatever takes over a name brings with it what happened to the node
 * that had the name before, so that no node loses its name by the loss of its rename.
 */
export class SimulatedNames {
  readonly #disk = new Map<SimulatedFolder, Map<string, SimulatedNode>>();
  readonly #placeOnDisk = new Map<SimulatedNode, Place>();
  readonly #places = new Map<SimulatedNode, Place>();
  #pending: Change[] = [];

  /** The name that a node is seen under; undefined when it has none. */
  placeOf(node: SimulatedNode): Place | undefined {
    return this.#places.get(node);
  }

  /** Gives a node its name and takes away the one it had. A node that had the name loses it. */
  place(node: SimulatedNode, at: Place): void {
    const displaced = at.folder.entries.get(at.name);
    if (displaced === node) return;
    if (displaced !== undefined) this.#places.delete(displaced);
    const old = this.#places.get(node);
    old?.folder.entries.delete(old.name);
    at.folder.entries.set(at.name, node);
    this.#places.set(node, at);
    this.#pending.push({ node, at, isUnlink: false });
  }

  unlink(node: SimulatedNode): void {
    const at = this.#places.get(node);
    if (at === undefined) return;
    at.folder.entries.delete(at.name);
    this.#places.delete(node);
    this.#pending.push({ node, at, isUnlink: true });
  }

  /** Makes the changes in a folder durable. */
  sync(folder: SimulatedFolder): void {
    for (const change of this.#pending.filter(({ at }) => at.folder === folder)) this.#settle(change);
  }

  /** A sync that fails: what does not get to the disk now never does. @returns what was lost */
  failSync(folder: SimulatedFolder, isKept: () => boolean): readonly string[] {
    return this.#lose((change) => change.at.folder === folder, isKept);
  }

  /** Brings to the disk what happened to be written, and forgets the rest. @returns what was lost */
  losePower(isKept: () => boolean): readonly string[] {
    return this.#lose(() => true, isKept);
  }

  /** The names of a folder that are on the disk. */
  onDisk(folder: SimulatedFolder): ReadonlyMap<string, SimulatedNode> {
    return this.#entriesOnDisk(folder);
  }

  #lose(concerns: (change: Change) => boolean, isKept: () => boolean): readonly string[] {
    const concerned = this.#pending.filter(concerns);
    for (const change of concerned) if (isKept()) this.#settle(change);
    const lost = concerned.filter((change) => this.#pending.includes(change));
    this.#pending = this.#pending.filter((change) => !lost.includes(change));
    return lost.map(({ at, isUnlink }) => `${isUnlink ? 'removal of' : 'name'} ${at.name}`);
  }

  #settle(change: Change): void {
    const index = this.#pending.indexOf(change);
    if (index < 0) return;
    const earlier = this.#pending.slice(0, index);
    const isOther = (other: Change) =>
      other !== change && !(other.node === change.node && earlier.includes(other));
    this.#pending = this.#pending.filter(isOther);
    if (!change.isUnlink) this.#settleFormer(change, earlier);
    this.#apply(change);
  }

  /** What became of the node that has the name on the disk, before the name was given away. */
  #settleFormer({ node, at }: Change, earlier: readonly Change[]): void {
    const former = this.#entriesOnDisk(at.folder).get(at.name);
    if (former === undefined || former === node) return;
    const last = earlier.findLast((change) => change.node === former);
    if (last !== undefined) this.#settle(last);
  }

  #apply({ node, at, isUnlink }: Change): void {
    const old = this.#placeOnDisk.get(node);
    if (old !== undefined) this.#entriesOnDisk(old.folder).delete(old.name);
    this.#placeOnDisk.delete(node);
    if (isUnlink) return;
    const entries = this.#entriesOnDisk(at.folder);
    const displaced = entries.get(at.name);
    if (displaced !== undefined) this.#placeOnDisk.delete(displaced);
    entries.set(at.name, node);
    this.#placeOnDisk.set(node, at);
  }

  #entriesOnDisk(folder: SimulatedFolder): Map<string, SimulatedNode> {
    const known = this.#disk.get(folder);
    if (known !== undefined) return known;
    const entries = new Map<string, SimulatedNode>();
    this.#disk.set(folder, entries);
    return entries;
  }
}
