import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { createDatabase, createRole, type TestDatabase } from '../support/database.js';
import { serveSocket } from '../support/socket-source.js';
import { createTempFolder } from '../support/temp-folder.js';

const SUBSCRIPTION = { op: 'subscribe', channel: 'trades', products: ['BTC-USD'] };
const MINIMAL = (uri: string) => `runners:
  - name: trades
    type: consumer
    variety: socket
    uri: ${uri}
  - name: warehouse
    type: producer
    variety: postgres
    depends_on: [trades]
`;

/** A feed that says nothing until it is subscribed to, and then more than data: an answer, heartbeats. */
function serveTrades() {
  return serveSocket((socket) => {
    let seq = 0;
    socket.on('message', (request) => {
      if (JSON.parse(String(request)).op !== 'subscribe') return;
      socket.send('{"type":"subscribed","channel":"trades"}');
      const timer = setInterval(() => {
        const id = 9_007_199_254_740_993n + BigInt(seq);
        const trade = `{"id":${id},"price":"63251.50","qty":"0.10000000","side":"buy","time":${Date.now()}}`;
        socket.send(`{"type":"trades","product":"BTC-USD","seq":${seq++},"trades":[${trade}]}`);
        if (seq % 20 === 0) socket.send(`{"type":"heartbeat","seq":${seq}}`);
      }, 20);
      socket.on('close', () => clearInterval(timer));
    });
  });
}

/** A pipeline in a folder, with a HOME that has its profile, and what a person does with it. */
async function createDesk(config: string, profile: string) {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'config.yml'), config);
  await writeFile(join(folder, 'profile.yml'), profile, { mode: 0o600 });
  const env = { SOCKET_EL_PROFILE: join(folder, 'profile.yml') };
  return {
    start: (...args: string[]) => startCli(args, { home: folder, cwd: folder, env }),
    /** Pastes lines behind the line of a file that begins so. */
    paste: async (file: string, behind: string, lines: readonly string[]) => {
      const path = join(folder, file);
      const text = await readFile(path, 'utf8');
      const [before = ''] = new RegExp(`[^]*^ *${behind}.*\n`, 'm').exec(text) ?? [];
      const indent = /( *)\S[^\n]*\n$/.exec(before)?.[1] ?? '';
      const pasted = lines.map((line) => `${indent}${line}\n`).join('');
      await writeFile(path, before + pasted + text.slice(before.length));
    },
  };
}

/** Lets the owner of the database, who is no superuser, run the statements that a message has for them. */
async function obey(database: TestDatabase, owner: string, message: string): Promise<void> {
  const said = /as its owner: (.*;) then set schema: feeds in the profile/.exec(message)?.[1];
  if (said === undefined) throw new Error(`expected statements for the owner, got:\n${message}`);
  await database.query(`ALTER DATABASE "${database.name}" OWNER TO "${owner}"`);
  await database.query(`SET ROLE "${owner}"; ${said} RESET ROLE`);
}

test('from a config of five keys to typed rows, by pasting what is said', async () => {
  const [feed, role, owner] = [await serveTrades(), await createRole(), await createRole()];
  const database = await createDatabase();
  const { host, port } = database.profile();
  const url = `postgres://${role.user}:${encodeURIComponent(role.password)}@${host}:${port}/${database.name}`;
  const desk = await createDesk(MINIMAL(feed.uri), `postgres:\n  url: ${url}\n`);

  // The role may not create in schema public: the run ends at once, with the statement.
  const refused = desk.start('run', 'config.yml');
  await refused.expectExit(3);
  expect(refused.stderr).toContain(`CREATE SCHEMA feeds AUTHORIZATION "${role.user}";`);
  await obey(database, owner.user, refused.stderr);
  await desk.paste('profile.yml', 'url:', ['schema: feeds']);

  // Nothing comes: the log says what most feeds want, and where it belongs.
  const silent = desk.start('run', 'config.yml');
  const isHinted = () =>
    /nothing received for 10 s[\s\S]*subscribe: \[.*\] {2}\(config\.yml:5\)/.test(silent.stderr);
  await silent.whileRunning(isHinted, { timeoutMs: 30_000, what: 'the hint at subscribe' });
  silent.signal('SIGINT');
  await silent.expectExit(0);
  await desk.paste('config.yml', 'uri:', [`subscribe: [${JSON.stringify(SUBSCRIPTION)}]`]);

  // What comes is not what belongs into a table: doctor has the lines.
  const doctor = desk.start('doctor', 'config.yml');
  await doctor.expectExit(0);
  const fix = /fix: write into the consumer.*\n((?: {6}.*\n)+)/.exec(doctor.stdout)?.[1] ?? '';
  const lines = fix
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  expect(lines.map((line) => line.split(':')[0])).toEqual(['ignore', 'records', 'include', 'columns']);
  await desk.paste('config.yml', 'subscribe:', lines);

  const run = desk.start('run', 'config.yml', '--json');
  const hasRows = async () => (await database.count('feeds.trades')) > 50;
  await run.whileRunning(hasRows, { timeoutMs: 30_000, what: 'rows' });
  run.signal('SIGINT');
  await run.expectExit(0);
  expect(await database.columnTypes('feeds.trades')).toEqual({
    id: 'bigint',
    price: 'numeric',
    qty: 'numeric',
    side: 'text',
    time: 'timestamp with time zone',
    product: 'text',
  });
  const [sums] =
    await database.query(`SELECT min(id)::text AS first, count(*) = count(DISTINCT id) AS "isOnce",
    max(id) - min(id) + 1 = count(*) AS "isWhole", bool_and(now() - time < interval '1 minute') AS "isNow" FROM feeds.trades`);
  expect(sums).toEqual({ first: '9007199254740993', isOnce: true, isWhole: true, isNow: true });
  expect(await database.count('feeds._socket_el_dead_letters')).toBe(0);
}, 90_000);
