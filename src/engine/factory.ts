import { consumerVarieties } from '../consumers/index.js';
import type { ConsumerVariety } from '../consumers/variety.js';
import { producerVarieties } from '../producers/index.js';
import type { ProducerVariety } from '../producers/variety.js';
import { SocketElError } from '../utils/errors.js';
import { nearestName } from '../utils/nearest-name.js';
import { importPlugin } from './import-plugin.js';

export type Variety = ConsumerVariety | ProducerVariety;

/** The types that a runner can have. */
export const RUNNER_TYPES = ['consumer', 'producer'] as const;

export type RunnerType = (typeof RUNNER_TYPES)[number];

const BUILT_IN: readonly Variety[] = [...consumerVarieties, ...producerVarieties];

/** Knows the varieties that runners can be of: those that come with socket-el, and those of plug-ins. */
export class Factory {
  readonly #varieties: readonly Variety[];

  private constructor(varieties: readonly Variety[]) {
    this.#varieties = varieties;
  }

  /**
   * Imports plug-ins: modules with an export `varieties`, a list. Each thread imports them for itself.
   *
   * @param plugins absolute paths
   * @throws SocketElError `config.plugin`
   */
  static async load(plugins: readonly string[]): Promise<Factory> {
    const lists = await Promise.all(plugins.map(importVarieties));
    return new Factory([...BUILT_IN, ...lists.flat()]);
  }

  /** The variety of that type and name; of two with one name the later plug-in's. */
  find(type: RunnerType, name: string): Variety | undefined {
    return this.#varieties.findLast((variety) => variety.type === type && variety.name === name);
  }

  /** Every variety of a type; of two with one name the later plug-in's. */
  varieties(type: RunnerType): readonly Variety[] {
    const ofType = this.#varieties.filter((variety) => variety.type === type);
    return [...new Map(ofType.map((variety) => [variety.name, variety])).values()];
  }

  /** What to say about a variety that is not known: the nearest name, and all that are. */
  hint(type: RunnerType, name: string): string {
    const known = this.varieties(type).map((variety) => variety.name);
    const near = nearestName(name, known) ?? this.#ofOtherType(type, name);
    return [near && `did you mean ${near}?`, `known varieties of a ${type}: ${known.join(', ')}`]
      .filter(Boolean)
      .join(' ');
  }

  #ofOtherType(type: RunnerType, name: string): string | undefined {
    const other = this.#varieties.find((variety) => variety.type !== type && variety.name === name);
    return other && `${name} with type: ${other.type}`;
  }
}

async function importVarieties(path: string): Promise<readonly Variety[]> {
  const { varieties } = await importModule(path);
  if (Array.isArray(varieties) && varieties.every(isVariety)) return varieties;
  throw new SocketElError({
    code: 'config.plugin',
    path,
    message: `${path}: expected a module with an export named varieties, a list of consumer and producer varieties`,
    hint: 'a variety has type, name, summary, schema and create; see docs/plugins.md',
  });
}

async function importModule(path: string): Promise<{ readonly varieties?: unknown }> {
  try {
    return await importPlugin(path);
  } catch (cause) {
    const hint =
      'the path is relative to the configuration, or the name of a package that is installed there; the module is TypeScript or JavaScript';
    throw new SocketElError(
      { code: 'config.plugin', path, message: `${path}: expected to import the plug-in`, hint },
      { cause },
    );
  }
}

function isVariety(value: unknown): value is Variety {
  const { type, name, schema, create } = (value ?? {}) as Partial<Record<string, unknown>>;
  return (
    RUNNER_TYPES.some((known) => known === type) &&
    typeof name === 'string' &&
    typeof (schema as { safeParse?: unknown } | undefined)?.safeParse === 'function' &&
    typeof create === 'function'
  );
}
