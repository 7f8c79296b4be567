/** Longer text is rarely repeated. */
const MAX_BYTES = 64;
const SLOTS = 4096;

/** Makes strings from bytes and gives the same string again for the same bytes, when it was made not long ago. */
export class TextCache {
  readonly #texts = new Array<string>(SLOTS).fill('');
  readonly #bytes = new Uint8Array(SLOTS * MAX_BYTES);
  readonly #lengths = new Uint8Array(SLOTS);

  /** The text of the UTF-8 bytes [start, stop). */
  text(bytes: Buffer, start: number, stop: number): string {
    const length = stop - start;
    if (length === 0 || length > MAX_BYTES) return bytes.toString('utf8', start, stop);
    const slot = slotOf(bytes, start, stop);
    if (this.#lengths[slot] === length && this.#isSame(slot, bytes, start))
      return this.#texts[slot] as string;
    const text = bytes.toString('utf8', start, stop);
    this.#texts[slot] = text;
    this.#lengths[slot] = length;
    for (let i = 0; i < length; i++) this.#bytes[slot * MAX_BYTES + i] = bytes[start + i] as number;
    return text;
  }

  #isSame(slot: number, bytes: Buffer, start: number): boolean {
    const length = this.#lengths[slot] as number;
    for (let i = 0; i < length; i++) if (this.#bytes[slot * MAX_BYTES + i] !== bytes[start + i]) return false;
    return true;
  }
}

/** The hash of D. J. Bernstein's djb2, folded to the number of slots. */
function slotOf(bytes: Uint8Array, start: number, stop: number): number {
  let hash = stop - start;
  for (let i = start; i < stop; i++) hash = (Math.imul(hash, 33) ^ (bytes[i] as number)) | 0;
  return (hash ^ (hash >>> 12)) & (SLOTS - 1);
}
