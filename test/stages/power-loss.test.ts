import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { messageOf, SocketElError } from '../../src/utils/errors.js';
import { type PowerPlan, PowerScenario } from './power-scenario.js';
import { Broken } from './stage-oracle.js';

/** How many scenarios, `20000`, or which, `17-17`. */
const SEEDS = process.env.SOCKET_EL_POWER_SEEDS ?? '20000';
const HANGS_MS = 10_000;
const MOST_FAILURES = 25;

interface Failure {
  readonly seed: number;
  readonly error: unknown;
  readonly story: string;
}

function seedsOf(text: string): { readonly first: number; readonly last: number } {
  const [first, last] = text.split('-').map(Number);
  return last === undefined ? { first: 1, last: first as number } : { first: first as number, last };
}

async function run(plan: PowerPlan): Promise<Failure | undefined> {
  const scenario = new PowerScenario(plan);
  const stop = new AbortController();
  const hangs = delay(HANGS_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`not done within ${HANGS_MS} ms`);
  });
  try {
    await Promise.race([scenario.run(), hangs]);
    return undefined;
  } catch (error) {
    return { seed: plan.seed, error, story: scenario.story };
  } finally {
    hangs.catch(() => {});
    stop.abort();
  }
}

/** What went wrong, the same for all cases of it. */
function ruleOf(error: unknown): string {
  if (error instanceof Broken) return error.rule;
  const code = error instanceof SocketElError ? `${error.code}: ` : '';
  return code + messageOf(error).replace(/\d+/g, 'N');
}

function report(failures: readonly Failure[]): string {
  const first = new Map<string, Failure>();
  for (const failure of failures)
    if (!first.has(ruleOf(failure.error))) first.set(ruleOf(failure.error), failure);
  const rules = [...first].map(([rule, { seed }]) => `seed ${seed}: ${rule}`);
  const [earliest] = failures;
  if (earliest === undefined) return '';
  const again = `SOCKET_EL_POWER_SEEDS=${earliest.seed}-${earliest.seed}`;
  const stack = earliest.error instanceof Error ? earliest.error.stack : '';
  return [...rules, `once more with ${again}`, messageOf(earliest.error), stack, earliest.story].join('\n');
}

afterAll(() => vi.restoreAllMocks());

test(`whatever a loss of power takes, what was acknowledged is there, once and in order (${SEEDS} seeds)`, async () => {
  const { first, last } = seedsOf(SEEDS);
  const failures: Failure[] = [];
  for (let seed = first; seed <= last && failures.length < MOST_FAILURES; seed++) {
    const failure = await run({ seed, replayable: seed % 2 === 0, hasErrors: seed % 5 === 0 });
    if (failure !== undefined) failures.push(failure);
  }
  console.log(`power loss: seeds ${first} to ${last}, ${failures.length} failed`);
  expect(report(failures)).toBe('');
}, 900_000);
