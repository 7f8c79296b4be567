/** So many keys are remembered; rows with more, or with keys that never come again, are read without. */
const MAX_KEYS = 4096;
const MAX_KEY_BYTES = 1024;
const SLOTS = 4 * MAX_KEYS;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export const NO_KEY = -1;

/**
 * The keys that rows have had, each with a small number, found by its bytes as they stand in JSON. A key that was
 * written with an escape has the number of its text, and is not found by bytes.
 */
export class KeyTable {
  /** Key `id` as text. */
  readonly texts: string[] = [];
  /** Key `id` takes the bytes [froms[id], tos[id]) here, quotes included; none when it was never written without escapes. */
  pool = new Uint8Array(4096);
  readonly froms = new Int32Array(MAX_KEYS);
  readonly tos = new Int32Array(MAX_KEYS);
  /** The same bytes in words of four, little-endian, from `wordFroms[id]` on; of the last only those in `masks[id]` count. */
  words = new Int32Array(1024);
  readonly wordFroms = new Int32Array(MAX_KEYS);
  readonly masks = new Int32Array(MAX_KEYS);
  readonly #ids = new Map<string, number>();
  /** By the hash of their bytes, the numbers of keys, plus one. */
  readonly #slots = new Int32Array(SLOTS);
  #used = 0;
  #usedWords = 0;

  /** The number of a key, a new one for one that was not there; `NO_KEY` when the table is full. */
  intern(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.texts.length === MAX_KEYS || text.length > MAX_KEY_BYTES) return NO_KEY;
    const id = this.texts.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }

  /** The number of the key in bytes [start, stop), which are well-formed, without escapes, quotes included. */
  internBytes(bytes: Buffer, start: number, stop: number): number {
    const found = this.find(bytes, start);
    if (found !== NO_KEY) return found;
    const id = this.intern(bytes.toString('utf8', start + 1, stop - 1));
    if (id !== NO_KEY) this.#keepBytes(id, bytes.subarray(start, stop));
    return id;
  }

  /** Key `id` as it stands in JSON, with its quotes; empty when it was never written without escapes. */
  bytesOf(id: number): Uint8Array {
    return this.pool.slice(this.froms[id], this.tos[id]);
  }

  /** The number of the key whose opening quote is at `start`; `NO_KEY` when it is unknown, or no plain key. */
  find(bytes: Uint8Array, start: number): number {
    let hash = 0;
    let stop = start + 1;
    for (let byte = bytes[stop] as number; byte !== QUOTE; byte = bytes[++stop] as number) {
      // Also at the end of the bytes.
      if (!(byte >= 0x20) || byte === BACKSLASH) return NO_KEY;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    for (let slot = slotOf(hash); ; slot = (slot + 1) % SLOTS) {
      const id = (this.#slots[slot] as number) - 1;
      if (id < 0 || this.#hasBytes(id, bytes, start, stop + 1)) return id;
    }
  }

  #hasBytes(id: number, bytes: Uint8Array, start: number, stop: number): boolean {
    const from = this.froms[id] as number;
    if ((this.tos[id] as number) - from !== stop - start) return false;
    for (let i = 0; i < stop - start; i++) if (this.pool[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #keepBytes(id: number, key: Uint8Array): void {
    if (this.#used + key.length > this.pool.length) {
      const larger = new Uint8Array(Math.max(this.pool.length * 2, this.#used + key.length));
      larger.set(this.pool);
      this.pool = larger;
    }
    this.pool.set(key, this.#used);
    this.froms[id] = this.#used;
    this.#used += key.length;
    this.tos[id] = this.#used;
    this.#keepWords(id, key);
    let hash = 0;
    for (const byte of key.subarray(1, -1)) hash = (Math.imul(hash, 31) + byte) | 0;
    let slot = slotOf(hash);
    while (this.#slots[slot] !== 0) slot = (slot + 1) % SLOTS;
    this.#slots[slot] = id + 1;
  }

  #keepWords(id: number, key: Uint8Array): void {
    const count = Math.ceil(key.length / 4);
    if (this.#usedWords + count > this.words.length) {
      const larger = new Int32Array(Math.max(this.words.length * 2, this.#usedWords + count));
      larger.set(this.words);
      this.words = larger;
    }
    this.wordFroms[id] = this.#usedWords;
    const padded = Buffer.alloc(count * 4);
    padded.set(key);
    for (let i = 0; i < count; i++) this.words[this.#usedWords++] = padded.readInt32LE(i * 4);
    this.masks[id] = key.length % 4 === 0 ? -1 : (1 << ((key.length % 4) * 8)) - 1;
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}
