/**
 * Mixes two integers into 32 bits; the finalizer of MurmurHash3 (A. Appleby, public domain).
 *
 * @param {number} seed
 * @param {number} seq
 */
export function mix(seed, seq) {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ seq;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * @param {number} value
 * @param {number} digits
 */
export function round(value, digits) {
  return Number(value.toFixed(digits));
}
