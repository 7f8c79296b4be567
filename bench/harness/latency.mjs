/**
 * How long each message took: sent at a tick, seen at the first look that counted it. Messages arrive in order and are
 * committed in order.
 *
 * @param {readonly [number, number][]} ticks how many were sent, and when
 * @param {readonly [number, number][]} looks how many were seen, and when
 * @param {number} from the first message that counts
 * @returns {Float64Array} milliseconds
 */
export function latenciesOf(ticks, looks, from) {
  const count = Math.min(ticks.at(-1)?.[0] ?? 0, looks.at(-1)?.[0] ?? 0);
  const latencies = new Float64Array(Math.max(0, count - from));
  let [tick, look] = [0, 0];
  for (let message = from; message < count; message++) {
    while (ticks[tick][0] <= message) tick++;
    while (looks[look][0] <= message) look++;
    latencies[message - from] = looks[look][1] - ticks[tick][1];
  }
  return latencies;
}
