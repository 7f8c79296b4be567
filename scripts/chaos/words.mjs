/**
 * @param {import('./schedule.mjs').Plan} plan
 * @param {import('./stand.mjs').Stand} stand
 * @returns {string} what is going to happen, and what is claimed
 */
export function introduction({ seed, durationMs }, stand) {
  const { folder, file, feed, server, proxy } = stand;
  return `
Seed ${seed}: for ${durationMs / 1000} seconds socket-el is killed, its connection cut at COMMIT, and its database crashed.

  ${folder}/config.yml
  file    ${file.path}, which grows while socket-el is dead.
          A file can be read again: every line must be in its table, once.
  socket  ${feed.url}/trades/binance
          A WebSocket cannot be read again: every message that stood in the stage must be in its table, once.
          What is sent while socket-el is dead is not lost but never received: a gap, which must be on record.
  into    PostgreSQL ${server.version} on port ${server.port}, over a slow line (port ${proxy.address.port}) that can be cut
`;
}

/** What a cut at each place of a COMMIT means. */
export const CUT_WORDS = {
  answer: 'cut the connection at the answer to COMMIT: the rows are in, and socket-el cannot know',
  question: 'cut the connection before COMMIT reached the server: the rows are not in',
};
