import { expect, test } from 'vitest';
import { parseByteSize } from '../../src/utils/byte-size.js';

test.each([
  ['1B', 1],
  ['64KiB', 65_536],
  ['16MiB', 16_777_216],
  ['10GiB', 10_737_418_240],
  ['1TiB', 1_099_511_627_776],
  ['1.5KiB', 1536],
  ['2 MiB', 2_097_152],
])('%j is %d bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each(['', '1', 'KiB', '1KB', '1MB', '1kib', '-1KiB', '1  KiB', '1e3KiB', '1PiB', 'constructor'])(
  '%j is no size',
  (text) => expect(parseByteSize(text)).toBeUndefined(),
);
