/**
 * Puts generated text between two marker lines, and leaves all around it as it is.
 *
 * @param {string} text
 * @param {string} name of the markers `<!-- NAME -->` and `<!-- /NAME -->`
 * @param {string} generated
 */
export function replaceBetween(text, name, generated) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new Error(`expected the lines ${open} and ${close}, in this order; add them`);
  return `${text.slice(0, from + open.length)}\n${generated.trim()}\n${text.slice(to)}`;
}
