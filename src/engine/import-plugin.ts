import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TYPESCRIPT = ['.ts', '.mts', '.cts'];
/** As its users see it. Not imported in the usual way, because all the rest of it leads here. */
const LIBRARY = new URL('../index.js', import.meta.url).href;
const OWN_PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));

/**
 * The module that an entry of `plugins:` names: a path relative to the configuration, or a package that is installed
 * where the configuration stands.
 *
 * @returns an absolute path; that of a file which is not there for a path that leads to none
 */
export async function resolvePlugin(plugin: string, folder: string): Promise<string> {
  const path = resolve(folder, plugin);
  if (plugin.startsWith('.') || isAbsolute(plugin) || existsSync(path)) return path;
  const { createJiti } = await import('jiti');
  const parentURL = pathToFileURL(join(folder, 'config.yml')).href;
  const found = createJiti(parentURL, { fsCache: false }).esmResolve(plugin, { parentURL, try: true });
  return found === undefined ? path : fileURLToPath(found);
}

/** Imports a module, TypeScript or JavaScript, in which `socket-el` is this very copy of it, installed there or not. */
export async function importPlugin(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!TYPESCRIPT.includes(extname(path)) && findsThisCopy(path)) return import(pathToFileURL(path).href);
  const { createJiti } = await import('jiti');
  const [library, zod] = await Promise.all([import(LIBRARY), import('zod')]);
  const jiti = createJiti(pathToFileURL(path).href, {
    // The usual place is one that others can write to.
    fsCache: false,
    interopDefault: false,
    virtualModules: { 'socket-el': library, zod },
  });
  const options = { filename: path, async: true, forceTranspile: true };
  return (await jiti.evalModule(await readFile(path, 'utf8'), options)) as Readonly<Record<string, unknown>>;
}

/** Two copies of our classes in one thread would not know each other's errors. */
function findsThisCopy(path: string): boolean {
  try {
    const found = createRequire(join(dirname(path), 'plugin.js')).resolve('socket-el/package.json');
    return realpathSync(found) === realpathSync(OWN_PACKAGE);
  } catch {
    return false;
  }
}
