import type { Receipt } from '../../src/stages/stage.js';

/** How the form begins in which a message is kept that cannot be kept as it came. */
const STAND_IN = '{"_raw":"';
const STANDS_FOR = /,"_messages":(\d+)\}$/;

/** A message as it was found in a batch. */
export interface FoundLine {
  readonly text: string;
  readonly receivedAtUs: number | undefined;
  /** For how many messages it stands that are lost; 0 for a message. */
  readonly standsFor: number;
}

/** The lines of a batch with the moments that its receipts give them; undefined when the last is not whole. */
export function linesOf(bytes: Buffer, receipts: readonly Receipt[]): readonly FoundLine[] | undefined {
  const texts = bytes.toString('utf8').split('\n');
  if (texts.pop() !== '') return undefined;
  let at = 0;
  return texts.map((text) => {
    const receivedAtUs = receipts.findLast(({ offset }) => offset <= at)?.receivedAtUs;
    at += Buffer.byteLength(text) + 1;
    return { text, receivedAtUs, standsFor: standsFor(text) };
  });
}

function standsFor(text: string): number {
  if (!text.startsWith(STAND_IN)) return 0;
  return Number(STANDS_FOR.exec(text)?.[1] ?? 1);
}
