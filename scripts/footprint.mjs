import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ROOT } from './root.mjs';

const MAX_PACKAGES = 60;
const MAX_MEGABYTES = 60;
const BYTES_PER_MEGABYTE = 1_000_000;

/**
 * @param {string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/**
 * @param {string[]} command of an installed package; nothing is fetched
 * @param {string} cwd
 */
function npx(command, cwd) {
  return execFileSync('npx', ['--no', '--', ...command], { cwd, encoding: 'utf8' });
}

/** @param {string} folder empty; as that of a user who installs the package */
function installPacked(folder) {
  const packed = npm(['pack', '--json', '--pack-destination', folder], ROOT);
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"private": true}\n');
  const tarball = join(folder, fileNameOf(packed));
  npm(['install', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error', tarball], project);
  return project;
}

/** @param {string} packed what `npm pack --json` prints: an array of packages, or an object of them by name */
function fileNameOf(packed) {
  return Object.values(JSON.parse(packed))[0].filename;
}

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
function checkVersion(project) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const printed = npx(['socket-el', '--version'], project).trim();
  if (printed !== version) throw new Error(`socket-el --version: expected ${version}, got ${printed}`);
  console.log(`socket-el --version: ${printed}`);
}

/** @param {string} project */
function checkSize(project) {
  const packages = countPackages(project);
  const megabytes = sizeOf(join(project, 'node_modules')) / BYTES_PER_MEGABYTE;
  console.log(`${packages} packages (≤ ${MAX_PACKAGES}), ${megabytes.toFixed(1)} MB (≤ ${MAX_MEGABYTES})`);
  if (packages > MAX_PACKAGES || megabytes > MAX_MEGABYTES)
    throw new Error('the installed package is too large');
}

await build();
const folder = mkdtempSync(join(tmpdir(), 'socket-el-footprint-'));
try {
  const project = installPacked(folder);
  checkSize(project);
  checkVersion(project);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
