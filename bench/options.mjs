import { parseArgs } from 'node:util';

const FLAGS = {
  only: { type: 'string' },
  rows: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  out: { type: 'string' },
  help: { type: 'boolean', default: false },
};

export const USAGE = `npm run bench -- [--only W1,W3] [--rows 1000000] [--rounds 5] [--quick] [--out results.json]
  --only    these workloads; the others keep what results.json has of them
  --rows    messages of the large workloads
  --rounds  rounds that count, after one that warms up
  --quick   100,000 rows and 3 rounds; writes results only with --out
  --out     file of the results, bench/results.json unless given`;

/**
 * @param {readonly string[]} args
 * @param {readonly string[]} known ids of the workloads
 * @param {string} resultsFile
 */
export function readOptions(args, known, resultsFile) {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  const { quick, help } = values;
  return {
    help,
    quick,
    only: idsIn(values.only, known),
    rows: wholeNumber('rows', values.rows ?? (quick ? '100000' : '1000000')),
    rounds: wholeNumber('rounds', values.rounds ?? (quick ? '3' : '5')),
    out: values.out ?? (quick ? undefined : resultsFile),
  };
}

function idsIn(text, known) {
  if (text === undefined) return known;
  const ids = text.split(',').map((id) => id.trim().toUpperCase());
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new Error(`--only: expected some of ${known.join(', ')}, got ${unknown}`);
  return known.filter((id) => ids.includes(id));
}

function wholeNumber(name, text) {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name}: expected a whole number from 1 on, got "${text}"`);
}
