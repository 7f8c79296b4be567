import { crc32 } from 'node:zlib';

const CRC_KEY = ',"c":"';
const CRC_LENGTH = CRC_KEY.length + 8 + 2;

/** A value as JSON whose last key `c` is the CRC-32, in hexadecimal, of everything before it; without a newline. */
export function checkedLine(value: object): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body}${CRC_KEY}${checksum(body)}"}`;
}

/** The value of a line without its newline; undefined when the line is damaged. */
export function parseCheckedLine(line: string): unknown {
  const body = line.slice(0, -CRC_LENGTH);
  if (line !== `${body}${CRC_KEY}${checksum(body)}"}`) return undefined;
  return JSON.parse(`${body}}`);
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
