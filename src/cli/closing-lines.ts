import type { RunnerSummary } from '../engine/summary.js';
import { counted, grouped } from './live/cells.js';

/**
 * What came in and what became of it, a line for each producer; of a run without one, for each consumer. Both sides of
 * an `=` are counted apart, so a line that does not balance would show.
 */
export function closingLines(runners: readonly RunnerSummary[]): readonly string[] {
  const producers = runners.filter(({ type }) => type === 'producer');
  const consumers = runners.filter(({ type }) => type === 'consumer');
  const gaps = consumers.reduce((sum, runner) => sum + runner.gaps, 0);
  if (producers.length === 0)
    return consumers.map(
      ({ name, messages, gaps: own }) =>
        `${name}: messages ${grouped(messages)} staged   ${counted(own, 'gap')}`,
    );
  return producers.map((producer) => {
    const name = producers.length > 1 ? `${producer.name}: ` : '';
    const own = consumers.length > 0 ? [counted(gaps, 'gap')] : [];
    return `${name}${[messagesPart(producer), rowsPart(producer), ...own, stagedPart(producer)].join('   ')}`;
  });
}

function messagesPart(producer: RunnerSummary): string {
  const { messages, messages_decoded, ignored, messages_dead, messages_skipped } = producer;
  const rest = optional({ dead: messages_dead, 'loaded before': messages_skipped });
  return `messages ${grouped(messages)} = ${[`${grouped(messages_decoded)} decoded`, `${grouped(ignored)} ignored`, ...rest].join(' + ')}`;
}

function rowsPart({ rows, loaded, dead, messages_dead, discarded, merged }: RunnerSummary): string {
  const rest = optional({ discarded, merged });
  return `rows ${grouped(rows)} = ${[`${grouped(loaded)} loaded`, `${grouped(dead - messages_dead)} dead`, ...rest].join(' + ')}`;
}

/** What is rare is told when it is there. */
function optional(counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts).flatMap(([what, count]) =>
    count === 0 ? [] : [`${grouped(count)} ${what}`],
  );
}

function stagedPart({ waiting_batches }: RunnerSummary): string {
  return waiting_batches === 0 ? '0 staged' : `${counted(waiting_batches, 'batch', 'batches')} staged`;
}
