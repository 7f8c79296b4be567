import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { startCli } from '../support/cli.js';
import type { ProfileEntry } from '../support/database.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** Nothing listens on it: no process may take a port below 1024 here but for services that are well known. */
export const CLOSED_PORT = 1;

/** What the tests ask of one finding of `doctor --json`. */
interface Finding {
  readonly state: 'ok' | 'note' | 'problem';
  readonly text: string;
  readonly place: string;
  readonly details?: readonly string[];
  readonly fixes?: readonly { readonly text: string; readonly paste: readonly string[] }[];
}

interface RunnerReport {
  readonly name: string;
  readonly ok: boolean;
  readonly place: string;
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly messages: readonly { readonly raw: string; readonly outcome: string }[];
  readonly row: readonly { readonly name: string; readonly kind: string; readonly value: string }[] | null;
}

/** What a `doctor` said, as text or as the object of `--json`. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  runner(name: string): RunnerReport;
  problems(name: string): readonly Finding[];
}

export interface Feed {
  readonly uri: string;
  readonly port: number;
  /** Texts that clients have sent. */
  readonly received: string[];
}

interface FeedSettings {
  readonly talk?: (socket: WebSocket) => void;
  /** Answers the upgrade with this status instead. */
  readonly refuse?: number;
  readonly headers?: readonly string[];
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

/** A feed of the test's own, which ends with it. */
export async function startFeed(settings: FeedSettings): Promise<Feed> {
  const { talk = () => {}, refuse, headers = [], tls } = settings;
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  const sockets = new WebSocketServer({ noServer: true });
  const received: string[] = [];
  sockets.on('headers', (lines) => lines.push(...headers));
  server.on('upgrade', (request, raw: Socket, head) => {
    if (refuse !== undefined) raw.end(`HTTP/1.1 ${refuse} No\r\nconnection: close\r\n\r\n`);
    else
      sockets.handleUpgrade(request, raw, head, (socket) => {
        socket.on('message', (text) => received.push(String(text)));
        talk(socket);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { uri: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/feed`, port, received };
}

/** A server that takes connections and never answers. */
export async function startMuteServer(): Promise<{ readonly port: number }> {
  const open = new Set<Socket>();
  const server = createNetServer((socket) => open.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port };
}

/** A consumer `trades` on lines 2 to 5 and a producer `db`; further keys of the consumer come on lines from 6. */
export function config(uri: string, keys: readonly string[] = []): string {
  return `runners:
  - name: trades
    type: consumer
    variety: socket
    uri: ${uri}
${keys.map((line) => `    ${line}\n`).join('')}  - name: db
    type: producer
    variety: postgres
    depends_on: [trades]
`;
}

/** A profile of a server that is not there, for tests that look at the source alone. */
export const NO_DATABASE: ProfileEntry = {
  user: 'app',
  password: 'canary-password',
  database: 'feeds',
  host: '127.0.0.1',
  port: CLOSED_PORT,
  schema: 'test',
};

/** Where `doctor` runs, and further variables of its environment. */
type Place = Workspace & { readonly env?: Readonly<Record<string, string>> };

/** Runs `doctor` in a workspace; it must end with `code`. */
export async function examine(place: Place, code: number, ...args: string[]): Promise<Said> {
  const { configPath, home, cwd } = place;
  const env = { TOKEN: 'canary-token', ...place.env };
  const cli = startCli(['doctor', configPath, '--wait', '3s', ...args], { home, cwd, env });
  await cli.exited;
  const said = cli.stdout + cli.stderr;
  expect((await cli.exited).code, said).toBe(code);
  expect(said).not.toMatch(/canary-(password|token)|it's-a/);
  const runner = (name: string) => {
    const { runners } = JSON.parse(cli.stdout) as { runners: readonly RunnerReport[] };
    return runners.find((candidate) => candidate.name === name) as RunnerReport;
  };
  const problems = (name: string) => runner(name).findings.filter(({ state }) => state === 'problem');
  return { stdout: cli.stdout, stderr: cli.stderr, runner, problems };
}

/** Looks at the source alone. */
export async function examineSource(code: number, text: string, ...args: string[]): Promise<Said> {
  return examine(await createWorkspace(text, NO_DATABASE), code, '--only', 'trades', ...args);
}

/** What is printed behind a `fix:`, as a person would paste it: the first of a finding's ways out. */
export function pasteOf(stdout: string): readonly string[] {
  const lines = stdout.split('\n');
  const fix = lines.findIndex((line) => /^ {4}fix: /.test(line));
  const rest = lines.slice(fix + 1);
  return rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('      ')),
  );
}
