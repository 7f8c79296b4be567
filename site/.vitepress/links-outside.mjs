import { dirname, relative, resolve } from 'node:path';

/**
 * What a page links to that is no page, such as an example, is in the repository and not on the site: its text stays.
 *
 * @param {import('vitepress').MarkdownRenderer} markdown
 * @param {string} folder of the pages
 */
export function withoutLinksOutside(markdown, folder) {
  markdown.core.ruler.push('links_outside', ({ tokens, env }) => {
    for (const { children } of tokens) if (children) unlink(children, folder, env.path);
  });
}

function unlink(tokens, folder, page) {
  for (const [i, token] of tokens.entries()) {
    if (token.type !== 'link_open' || !leadsOutside(token.attrGet('href') ?? '', folder, page)) continue;
    const close = tokens.slice(i).find(({ type }) => type === 'link_close');
    for (const one of [token, close]) one.tag = 'span';
    token.attrs = [];
  }
}

function leadsOutside(href, folder, page) {
  const isElsewhere = /^[a-z]+:|^#|^\//.test(href);
  return !isElsewhere && relative(folder, resolve(dirname(page), href)).startsWith('..');
}
