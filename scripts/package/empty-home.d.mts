export function emptyHomeEnvironment(
  env: NodeJS.ProcessEnv,
  home: string,
  npmFiles: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv;
