/** @typedef {Record<string, number>} Sample what one round of one contender gave; `ms` is its time, if it has one */

/**
 * Runs contenders one after the other in each round, so that a busy moment of the machine is not one's alone; the first
 * round, which warms up, does not count.
 *
 * @param {Record<string, () => Promise<Sample>>} contenders
 * @param {object} options
 * @param {number} options.rounds
 * @param {(line: string) => void} options.log
 * @returns {Promise<Record<string, Sample[]>>} by contender
 */
export async function alternate(contenders, { rounds, log }) {
  const series = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const samples = await runEach(contenders);
    if (round > 0) for (const [name, sample] of Object.entries(samples)) series[name].push(sample);
    log(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${texts(samples)}`);
  }
  return series;
}

async function runEach(contenders) {
  const samples = {};
  for (const [name, run] of Object.entries(contenders)) samples[name] = await run();
  return samples;
}

function texts(samples) {
  return Object.entries(samples)
    .map(([name, { ms }]) => (ms === undefined ? name : `${name} ${timeText(ms)}`))
    .join(', ');
}

function timeText(ms) {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/**
 * One value of each sample.
 *
 * @param {readonly Sample[]} samples
 * @param {string} key
 */
export function valuesOf(samples, key) {
  return samples.map((sample) => sample[key]);
}
