import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const BIN = process.env.SOCKET_EL_BIN ?? fileURLToPath(new URL('../../bin/socket-el.js', import.meta.url));

/**
 * A module as it was built, so that a test judges the code that its child processes run.
 *
 * @param path below `dist`
 */
export async function importBuilt<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(dirname(BIN), '../dist', path)).href)) as Module;
}
