import type { Stand } from './stand.mjs';
import type { Counts } from './status-line.mjs';

export function judge(stand: Stand, counts: Counts, print: (text: string) => void): Promise<boolean>;
