import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { startFeed } from './demo-feed.mjs';
import { startPostgres } from './postgres-server.mjs';
import { ROOT } from './root.mjs';
import { SCENES } from './screens/scenes.mjs';
import { toSvg } from './screens/svg.mjs';
import { Terminal } from './screens/tmux.mjs';

const SOCKET_EL = join(ROOT, 'bin/socket-el.js');
const PICTURES = join(ROOT, 'docs/screens');
const RATE = 2000;

/** @param {string} feedUrl */
function configFor(feedUrl) {
  return `runners:
  - name: trades
    type: consumer
    variety: socket
    uri: ${feedUrl}/trades/binance
  - name: book
    type: consumer
    variety: socket
    uri: ${feedUrl}/book/binance
  - name: warehouse
    type: producer
    variety: postgres
    depends_on: [trades, book]
`;
}

const TYPOS = `runners:
  - name: trades
    type: consumer
    variety: sokcet
    uri: wss://feed.example/v1
  - name: warehouse
    type: producer
    variety: postgres
    depends_on: [trade]
    write_dispositon: append
`;

/**
 * @param {string} folder
 * @param {{ server: import('./postgres-server.mjs').PostgresServer, feed: { url: string } }} peers
 */
function writeProject(folder, { server, feed }) {
  const { user, password, database, host, port } = server;
  const profile = { user, password, database, host, port, schema: 'feeds' };
  mkdirSync(join(folder, '.socket_el'));
  writeFileSync(join(folder, '.socket_el/profile.yml'), `postgres: ${JSON.stringify(profile)}\n`, {
    mode: 0o600,
  });
  writeFileSync(join(folder, 'trades.yml'), configFor(feed.url));
  writeFileSync(join(folder, 'typos.yml'), TYPOS);
  mkdirSync(join(folder, 'bin'));
  symlinkSync(SOCKET_EL, join(folder, 'bin/socket-el'));
}

/**
 * @param {import('./screens/scenes.mjs').Scene} scene
 * @param {string} folder
 */
async function draw({ name, title, columns, rows, isInProject, play, leave }, folder) {
  const env = { HOME: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, TERM: 'xterm-256color' };
  const terminal = new Terminal(name, { columns, rows, cwd: isInProject ? ROOT : folder, env });
  try {
    await terminal.untilReady();
    await play(terminal);
    writeFileSync(join(PICTURES, `${name}.svg`), toSvg(terminal.lines(), { title, columns }));
    await leave?.(terminal);
    console.log(`docs/screens/${name}.svg`);
  } finally {
    terminal.close();
  }
}

/** Draws the pictures, or those that are named, from what a terminal shows, with a PostgreSQL and a feed of their own. */
async function main() {
  const wanted = process.argv.slice(2);
  await build();
  mkdirSync(PICTURES, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'socket-el-screens-'));
  const server = await startPostgres({ version: 'embedded' });
  const feed = await startFeed(SOCKET_EL, RATE);
  try {
    writeProject(folder, { server, feed });
    for (const scene of SCENES.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
      await draw(scene, folder);
  } finally {
    await feed.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
