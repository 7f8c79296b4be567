import { messageOf, SocketElError } from '../../utils/errors.js';
import type { Finding } from '../../utils/examination.js';
import { reachHint } from '../../utils/reach-hint.js';

/** An error as a finding that stands in the way, with what the error or the system's code says to do. */
export function errorFinding(error: unknown, key?: string): Finding {
  const hint = (error instanceof SocketElError ? error.hint : undefined) ?? reachHint(error);
  const fixes = hint === undefined ? [] : [{ text: hint, paste: [] }];
  return { state: 'problem', text: messageOf(error), fixes, key };
}
