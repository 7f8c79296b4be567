/**
 * A sidebar from a page of contents: each bold line begins a group, each list item's links are its entries.
 *
 * @param {string} contents
 * @returns {{ text: string, items: { text: string, link: string }[] }[]}
 */
export function sidebarOf(contents) {
  const groups = contents.split(/^\*\*(.+)\*\*$/m).slice(1);
  const texts = groups.filter((_, i) => i % 2 === 0);
  return texts.map((text, i) => ({ text, items: linksIn(groups[2 * i + 1] ?? '') }));
}

/** @param {string} text */
function linksIn(text) {
  return [...text.matchAll(/\[([^\]]+)\]\(([^)]+)\.md\)/g)].map(([, label, path]) => ({
    text: `${label?.[0]?.toUpperCase()}${label?.slice(1)}`,
    link: `/${path}`,
  }));
}
