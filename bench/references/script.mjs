// What one writes first: WebSocket → JSON.parse → INSERT of 1,000 rows at a time through psql. Arguments: address, table, psql.
import { spawn } from 'node:child_process';
import { WebSocket } from 'ws';

const [uri, table, psqlPath] = process.argv.slice(2);
const KEYS = ['exchange', 'base', 'quote', 'direction', 'price', 'volume', 'timestamp', 'priceUsd'];
const psql = spawn(psqlPath, ['-X', '-q', '-v', 'ON_ERROR_STOP=1'], {
  stdio: ['pipe', 'inherit', 'inherit'],
});
const literal = (value) => (typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value));
let rows = [];
const flush = () => {
  if (rows.length > 0) psql.stdin.write(`INSERT INTO ${table} VALUES ${rows.join(',')};\n`);
  rows = [];
};
const webSocket = new WebSocket(uri, { perMessageDeflate: false });
webSocket.on('message', (message) => {
  const row = JSON.parse(message);
  if (rows.push(`(${KEYS.map((key) => literal(row[key]))})`) === 1000) flush();
});
webSocket.on('close', () => psql.stdin.end(flush()));
psql.on('close', (code) => (process.exitCode = code));
