interface Config {
  readonly runners: readonly Record<string, unknown>[];
}

export function postgresConfig(readme: string, feedUrl: string): Config;
export function consoleConfig(readme: string, feedUrl: string): Config;
