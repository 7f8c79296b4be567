import type { SealedCounts } from '../stage.js';
import type { Fact } from './fact.js';

/** What of `facts` are batches. */
export function countSealed(facts: readonly Fact[]): SealedCounts {
  const counts = { batches: 0, messages: 0, bytes: 0 };
  for (const fact of facts) {
    if (fact.fact !== 'sealed') continue;
    counts.batches++;
    counts.messages += fact.messages;
    counts.bytes += fact.to - fact.from;
  }
  return counts;
}
