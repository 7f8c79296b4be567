import { cpSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { withoutLinksOutside } from './links-outside.mjs';
import { sidebarOf } from './sidebar.mjs';

const HERE = fileURLToPath(new URL('../package.json', import.meta.url));
const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
/** A page links to it, and it is no page. */
const SCHEMA = 'reference/config.schema.json';

/** Pages become modules, and they lie outside this folder, where nothing is installed of what they import. */
const vueFromHere = {
  name: 'vue-from-here',
  enforce: 'pre',
  resolveId(id, _importer, options) {
    if (!/^vue(\/|$)/.test(id)) return null;
    return options.ssr ? { id, external: true } : this.resolve(id, HERE, { ...options, skipSelf: true });
  },
};

/** The pages of docs/ as a site; what is in its sidebar is said by docs/index.md. */
// biome-ignore lint/style/noDefaultExport: VitePress reads the default export.
export default defineConfig({
  title: 'socket-el',
  description: 'Moves live data through a durable stage into PostgreSQL or files, exactly once.',
  srcDir: relative(fileURLToPath(new URL('..', import.meta.url)), DOCS),
  outDir: fileURLToPath(new URL('../dist', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../node_modules/.vitepress', import.meta.url)),
  cleanUrls: true,
  buildEnd: ({ outDir }) => cpSync(resolve(DOCS, SCHEMA), resolve(outDir, SCHEMA)),
  markdown: { config: (markdown) => withoutLinksOutside(markdown, DOCS) },
  vite: { plugins: [vueFromHere] },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: sidebarOf(readFileSync(resolve(DOCS, 'index.md'), 'utf8')),
  },
});
