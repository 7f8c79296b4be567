import { configSchema } from '../../dist/engine/config/config-schema.js';
import { Factory } from '../../dist/engine/factory.js';
import { commandLinePage } from './command-line-page.mjs';
import { configurationPage } from './configuration-page.mjs';
import { errorsPage } from './errors-page.mjs';

/** @returns {Promise<Record<string, string>>} the reference pages, by file name */
export async function referencePages() {
  const factory = await Factory.load([]);
  return {
    'configuration.md': configurationPage(factory),
    'command-line.md': commandLinePage(),
    'errors.md': errorsPage(),
    'config.schema.json': `${JSON.stringify(configSchema(factory), null, 2)}\n`,
  };
}
