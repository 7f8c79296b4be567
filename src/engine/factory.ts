import { consumerVarieties } from '../consumers/index.js';
import type { ConsumerVariety } from '../consumers/variety.js';
import { producerVarieties } from '../producers/index.js';
import type { ProducerVariety } from '../producers/variety.js';
import { nearestName } from '../utils/nearest-name.js';

export type Variety = ConsumerVariety | ProducerVariety;

/** The types that a runner can have. */
export const RUNNER_TYPES = ['consumer', 'producer'] as const;

export type RunnerType = (typeof RUNNER_TYPES)[number];

const VARIETIES: readonly Variety[] = [...consumerVarieties, ...producerVarieties];

/** The variety of that type and name; undefined when there is none. */
export function findVariety(type: RunnerType, name: string): Variety | undefined {
  return VARIETIES.find((variety) => variety.type === type && variety.name === name);
}

/** What to say about a variety that is not known: the nearest name, and all that are. */
export function varietyHint(type: RunnerType, name: string): string {
  const known = VARIETIES.filter((variety) => variety.type === type).map((variety) => variety.name);
  const near = nearestName(name, known) ?? otherType(type, name);
  return [near && `did you mean ${near}?`, `known varieties of a ${type}: ${known.join(', ')}`].filter(Boolean).join(' ');
}

function otherType(type: RunnerType, name: string): string | undefined {
  const other = VARIETIES.find((variety) => variety.type !== type && variety.name === name);
  return other && `${name} with type: ${other.type}`;
}
