import { npm } from './npm.mjs';

/** npm's files, which it would look for in the home folder. */
const NPM_FILES = ['userconfig', 'globalconfig', 'cache'];

/** What says where packages come from. npm gives its scripts more variables, such as the folder it works in. */
const NPM_SOURCES = /^npm_config_(registry|(https?_)?proxy|noproxy|ca|cafile|strict_ssl)$/i;

/** What leads to a home folder, or would stand in for a profile. */
const OWN = /^(HOME|USERPROFILE|XDG_\w+|PG[A-Z]+|SOCKET_EL_\w+|npm_\w+|INIT_CWD|NODE_OPTIONS|VITEST\w*)$/i;

/**
 * The environment of a user who has nothing yet.
 *
 * @param {NodeJS.ProcessEnv} env ours
 * @param {string} home an empty folder
 * @param {Readonly<Record<string, string>>} npmFiles by the name of npm's option
 * @returns {NodeJS.ProcessEnv}
 */
export function emptyHomeEnvironment(env, home, npmFiles) {
  const kept = Object.entries(env).filter(([name]) => NPM_SOURCES.test(name) || !OWN.test(name));
  const npmOptions = Object.entries(npmFiles).map(([name, file]) => [`npm_config_${name}`, file]);
  return { ...Object.fromEntries([...kept, ...npmOptions]), HOME: home };
}

/**
 * Where npm keeps its settings and its cache for us.
 *
 * @param {{ cwd: string, signal: AbortSignal }} where
 * @returns {Promise<Record<string, string>>}
 */
export async function npmFilesOf(where) {
  const printed = await npm(['config', 'get', ...NPM_FILES], where);
  return Object.fromEntries(printed.trim().split('\n').map(splitAtEquals));
}

/** @param {string} line */
function splitAtEquals(line) {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
