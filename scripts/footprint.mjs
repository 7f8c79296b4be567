import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { watchStopSignals } from './demo-ending.mjs';
import { checkVersion } from './package/check-version.mjs';
import { installPacked, pack } from './package/install-packed.mjs';

const MAX_PACKAGES = 60;
const MAX_MEGABYTES = 60;
const BYTES_PER_MEGABYTE = 1_000_000;

/** @param {string} project */
function countPackages(project) {
  const record = readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8');
  return Object.keys(JSON.parse(record).packages).length;
}

/** @param {string} folder */
function sizeOf(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .map((file) => lstatSync(join(folder, file)))
    .reduce((bytes, status) => bytes + (status.isFile() ? status.size : 0), 0);
}

/** @param {string} project */
function checkSize(project) {
  const packages = countPackages(project);
  const megabytes = sizeOf(join(project, 'node_modules')) / BYTES_PER_MEGABYTE;
  console.log(`${packages} packages (≤ ${MAX_PACKAGES}), ${megabytes.toFixed(1)} MB (≤ ${MAX_MEGABYTES})`);
  if (packages > MAX_PACKAGES || megabytes > MAX_MEGABYTES)
    throw new Error('the installed package is too large');
}

const signal = watchStopSignals();
await build();
const folder = mkdtempSync(join(tmpdir(), 'socket-el-footprint-'));
try {
  const project = join(folder, 'project');
  await installPacked(await pack(folder, signal), { project, signal });
  checkSize(project);
  console.log(`socket-el --version: ${await checkVersion({ cwd: project, signal })}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
