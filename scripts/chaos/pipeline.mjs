import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SCHEMA = 'chaos';
export const FILE = 'from_file';
export const SOCKET = 'from_socket';

/**
 * @param {{ path: string, uri: string }} sources
 * @returns {string} small transactions, so that there are many COMMITs to cut
 */
function configFor({ path, uri }) {
  return `runners:
  - name: ${FILE}
    type: consumer
    variety: file
    path: ${path}
    stage: {path: stage}
    batch_configuration: {size: 2000, interval: 200ms}
  - name: ${SOCKET}
    type: consumer
    variety: socket
    uri: ${uri}
    metadata: [received_at]
    stage: {path: stage}
    batch_configuration: {size: 2000, interval: 200ms}
  - name: warehouse
    type: producer
    variety: postgres
    depends_on: [${FILE}, ${SOCKET}]
    profile: postgres
    transaction: {max_rows: 4000}
`;
}

/**
 * Writes configuration and profile.
 *
 * @param {string} folder
 * @param {{ path: string, uri: string }} sources
 * @param {{ user: string, password: string, database: string, host: string, port: number }} server
 * @returns {string} the configuration
 */
export function writePipeline(folder, sources, { user, password, database, host, port }) {
  const config = configFor(sources);
  const profile = { user, password, database, host, port, schema: SCHEMA };
  writeFileSync(join(folder, 'config.yml'), config);
  writeFileSync(join(folder, 'profile.yml'), `postgres: ${JSON.stringify(profile)}\n`, { mode: 0o600 });
  return config;
}
