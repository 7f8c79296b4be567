/** As RFC 6455, section 5.2, has them. */
const FINAL = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const CONTROL = 0x08;
const MASKED = 0x80;
const CONTINUATION = 0x0;
const BINARY = 0x2;
const CLOSE = 0x8;
const PONG = 0xa;
const LENGTH_OF_2 = 126;
const HIGH = 2 ** 32;

/** The longest header of a frame without a mask. */
export const MAX_HEADER_BYTES = 10;

/** How many bytes a header has, by its second byte. */
export function headerBytes(second: number): number {
  if (second < LENGTH_OF_2) return 2;
  return second === LENGTH_OF_2 ? 4 : MAX_HEADER_BYTES;
}

/** Whether a frame is the last of its message. */
export function isFinal(first: number): boolean {
  return (first & FINAL) !== 0;
}

/** Whether a frame is none of a message. */
export function isControl(first: number): boolean {
  return (first & CONTROL) !== 0;
}

/**
 * Whether something may follow a frame that begins with these two bytes: not behind one that ends the connection, or
 * that a server must not send.
 *
 * @param isFragmented whether a message has begun of which this may be a part
 */
export function isFollowed(first: number, second: number, isFragmented: boolean): boolean {
  const opcode = first & OPCODE;
  if ((first & RESERVED) !== 0 || (second & MASKED) !== 0) return false;
  if (isControl(first)) return isFinal(first) && opcode !== CLOSE && opcode <= PONG && second < LENGTH_OF_2;
  return isFragmented ? opcode === CONTINUATION : opcode !== CONTINUATION && opcode <= BINARY;
}

/** The length of the payload behind a whole header. Over 2^53 it is not exact, and larger than anything allowed. */
export function payloadLength(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const bytes = headerBytes(view.getUint8(1));
  if (bytes === 2) return view.getUint8(1);
  if (bytes === 4) return view.getUint16(2);
  return view.getUint32(2) * HIGH + view.getUint32(6);
}
