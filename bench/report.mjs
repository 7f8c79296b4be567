// Writes the results of the bench into the page on performance, between its markers, and the plots beside it.
// Usage: node bench/report.mjs
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/root.mjs';
import { replaceBetween } from './report/markers.mjs';
import { plotsOf } from './report/plots.mjs';
import { RESULTS_FILE, readResults } from './report/results.mjs';
import { reportText } from './report/tables.mjs';

const PAGE = join(ROOT, 'docs/performance.md');
const PLOTS = join(ROOT, 'docs/performance');

const { workloads } = readResults(RESULTS_FILE);
if (workloads.length === 0)
  throw new Error(`${RESULTS_FILE}: expected results; \`npm run bench\` makes them`);
const plots = plotsOf(workloads);
rmSync(PLOTS, { recursive: true, force: true });
mkdirSync(PLOTS);
for (const [name, svg] of Object.entries(plots)) writeFileSync(join(PLOTS, name), svg);
const text = reportText(
  workloads,
  Object.keys(plots).map((name) => `performance/${name}`),
);
writeFileSync(PAGE, replaceBetween(readFileSync(PAGE, 'utf8'), 'results', text));
console.log(`${PAGE}: ${workloads.length} workloads, ${Object.keys(plots).length} plots`);
