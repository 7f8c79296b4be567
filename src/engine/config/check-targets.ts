import { type ConsumerSettings, type ConsumerVariety, holds } from '../../consumers/variety.js';
import type { ProducerSettings, Target } from '../../producers/variety.js';
import type { Problem } from '../../utils/document/problem.js';
import type { SourceDocument } from '../../utils/document/source-document.js';
import type { CheckedRunner } from './check-runner.js';

/** A table that a producer loads a consumer's rows into. */
interface Load extends Target {
  readonly producer: CheckedRunner;
  readonly consumer: CheckedRunner;
}

/** Checks what holds for tables whose rows are replaced: only by sets, and by those of one source. */
export function checkTargets(
  document: SourceDocument,
  runners: readonly CheckedRunner[],
): readonly Problem[] {
  const loads = runners.flatMap((producer) => loadsOf(producer, runners));
  return loads
    .filter(({ isReplaced }) => isReplaced)
    .flatMap((load) => [...problemsOfSource(document, load), ...problemsOfPlace(document, load, loads)]);
}

function loadsOf(producer: CheckedRunner, runners: readonly CheckedRunner[]): readonly Load[] {
  const { variety, settings, dependsOn } = producer;
  if (variety?.type !== 'producer' || settings === undefined) return [];
  const consumers = runners.filter(
    ({ name, settings: own }) => name !== undefined && dependsOn.includes(name) && own !== undefined,
  );
  return consumers.flatMap((consumer) => {
    const name = consumer.name as string;
    const table = (consumer.settings as ConsumerSettings).table ?? name;
    const targets = variety.targetsOf?.(settings as ProducerSettings, { name, table }) ?? [];
    return targets.map((target) => ({ ...target, producer, consumer }));
  });
}

function problemsOfSource(document: SourceDocument, { producer, consumer }: Load): readonly Problem[] {
  const variety = consumer.variety as ConsumerVariety;
  if (holds(variety.isFinite, consumer.settings as ConsumerSettings)) return [];
  const message = `expected a source that ends, because write_disposition: replace replaces a table by all of it; ${variety.name} does not end`;
  return [at(document, producer, consumer, message)];
}

function problemsOfPlace(document: SourceDocument, load: Load, loads: readonly Load[]): readonly Problem[] {
  const other = loads.find(({ place, consumer }) => place === load.place && consumer !== load.consumer);
  if (other === undefined) return [];
  const message = `expected one source for ${load.place}, whose rows ${load.consumer.name} replaces; ${other.consumer.name} loads into it too`;
  return [at(document, load.producer, load.consumer, message)];
}

function at(
  document: SourceDocument,
  producer: CheckedRunner,
  consumer: CheckedRunner,
  message: string,
): Problem {
  const index = producer.dependsOn.indexOf(consumer.name as string);
  const hint = 'write_disposition: append or merge takes rows from any source';
  return document.problem([...producer.path, 'depends_on', index], 'value', {
    code: 'config.reference',
    message,
    hint,
  });
}
