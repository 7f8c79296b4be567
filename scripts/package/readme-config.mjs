import { parse } from 'yaml';

/** Where the README has its feed. */
const FEED = 'ws://127.0.0.1:8000';

/**
 * The README's configuration, with the address of a feed that runs.
 *
 * @param {string} readme
 * @param {string} feedUrl
 * @returns {{ runners: Record<string, unknown>[] }}
 * @throws when its first block of YAML is not what can be tried
 */
export function postgresConfig(readme, feedUrl) {
  const block = /^```ya?ml\n(.*?)^```/ms.exec(readme)?.[1];
  if (!block?.includes(FEED))
    throw new Error(`README.md: expected a configuration with ${FEED} as its first block of YAML`);
  return parse(block.replaceAll(FEED, feedUrl));
}

/**
 * The same, with rows that are printed instead of loaded.
 *
 * @param {string} readme
 * @param {string} feedUrl
 */
export function consoleConfig(readme, feedUrl) {
  const config = postgresConfig(readme, feedUrl);
  const runners = config.runners.map(({ profile, ...runner }) =>
    runner.variety === 'postgres' ? { ...runner, variety: 'console' } : runner,
  );
  return { ...config, runners };
}
