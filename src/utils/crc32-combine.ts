/** The polynomial of CRC-32 (IEEE 802.3), its bits reversed, so that x^0 is the highest bit. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;
const X = 0x40000000;
const BITS = 32;

/** x^(2^k) modulo the polynomial; k counts modulo 32 because x^(2^32) is x again. */
const POWERS = powersOfX();

/**
 * The CRC-32 of two stretches of bytes behind each other, from the CRC-32 of each; the arithmetic is that of
 * `crc32_combine` in zlib 1.2.12.
 *
 * @param secondLength bytes of the second stretch
 */
export function combineCrc32(first: number, second: number, secondLength: number): number {
  let shift = ONE;
  for (let left = secondLength, k = 3; left > 0; left = Math.floor(left / 2), k++) {
    if (left % 2 === 1) shift = multiply(POWERS[k % BITS] as number, shift);
  }
  return (multiply(shift, first) ^ second) >>> 0;
}

/** The product of two polynomials over GF(2), modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = ONE, term = b; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= term;
    term = (term & 1) === 1 ? (term >>> 1) ^ POLYNOMIAL : term >>> 1;
  }
  return product >>> 0;
}

function powersOfX(): readonly number[] {
  const powers = [X];
  while (powers.length < BITS) {
    const last = powers.at(-1) as number;
    powers.push(multiply(last, last));
  }
  return powers;
}
