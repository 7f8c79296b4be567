/**
 * Where what lies in the memory of copy-rows.ts, which exports all of this.
 *
 * Memory, in bytes from the start:
 *   TASK     four u32: how many keys, how many columns, the count of fields as the output has it, bytes of the suffix
 *   OUTPUT   two u32: where the output begins, and where its room ends
 *   RESULT   three u32: how many rows were taken, where the output ends, 1 when there was no room for another
 *   KEYS     16 a key: u32 address of its bytes `"key":`, u32 their number, u32 code of its column's type
 *   COLUMNS  4 a column: i32 number of its key, below 0 for NULL
 *   CELLS    16 a key: what was found in the row
 *   SUFFIX   what stands behind the columns of each row
 *   TEXTS    bytes of keys, each beginning at a multiple of 8 and followed by zeros up to the next
 *   NUMERICS 32 a key: bytes of a numeric
 *   INPUT    for lines that do not lie in this memory
 *   FREE     from here on it is anybody's: lines to be read and rows to be written lie here
 */

export const TASK: u32 = 4096;
export const OUTPUT: u32 = 4224;
export const RESULT: u32 = 4352;
export const KEYS: u32 = 8192;
export const COLUMNS: u32 = 16384;
export const CELLS: u32 = 20480;
export const SUFFIX: u32 = 28672;
export const TEXTS: u32 = 32768;
export const NUMERICS: u32 = 98304;
export const INPUT: u32 = 131072;
export const FREE: u32 = 524288;
/** Keys, and columns. */
export const MOST: u32 = 256;
export const MOST_SUFFIX: u32 = 2048;
export const MOST_TEXTS: u32 = 65536;
/** A block may be read, and written, so far beyond an end. */
export const SLACK: u32 = 32;

export const INT8: u32 = 1;
export const FLOAT8: u32 = 2;
export const TEXT: u32 = 3;
export const INT4: u32 = 4;
export const INT2: u32 = 5;
export const BOOL: u32 = 6;
export const NUMERIC: u32 = 7;
/** Added to a code: the column takes NULL. */
export const NULLABLE: u32 = 8;
