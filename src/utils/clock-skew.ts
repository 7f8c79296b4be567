import type { Finding } from './examination.js';

/** A clock that differs by more is worth a word. */
const NOTEWORTHY_MS = 2000;

/** How far a peer's clock is ahead of ours, known as well as the peer's answer allows. */
export interface ClockSkew {
  readonly skewMs: number;
  /** The skew may be so much more or less. */
  readonly toleranceMs: number;
}

/** Says how far a peer's clock is from ours. */
export function clockFinding({ skewMs, toleranceMs }: ClockSkew): Finding {
  const size = Math.abs(skewMs);
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  const text =
    size <= toleranceMs
      ? `its clock is ours, give or take ${rounded(toleranceMs)}`
      : `its clock is ${rounded(size)} ${side} ours, give or take ${rounded(toleranceMs)}`;
  if (size <= NOTEWORTHY_MS + toleranceMs) return { state: 'ok', text };
  const advice = 'one of the two machines has the wrong time: compare with timedatectl on both';
  return { state: 'note', text, fixes: [{ text: advice, paste: [] }] };
}

function rounded(ms: number): string {
  return ms < 1000 ? `${Math.ceil(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
