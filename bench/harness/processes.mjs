// What Linux tells of processes: CPU seconds in steps of 10 ms, and memory.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

// Fields of proc(5) behind the name, which stands in parentheses and may hold anything.
const [PARENT, OWN, CHILDREN] = [1, [11, 12], [13, 14]];

/** @param {number | 'self'} pid */
function fieldsOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/**
 * @param {string[]} fields
 * @param {number[]} places
 */
function secondsAt(fields, places) {
  return places.reduce((sum, place) => sum + Number(fields[place]), 0) / TICKS_PER_SECOND;
}

/**
 * CPU seconds of a process with all its threads.
 *
 * @param {number} pid
 */
export function cpuSecondsOf(pid) {
  return secondsAt(fieldsOf(pid), OWN);
}

/** CPU seconds of the children of this process that have ended. */
export function cpuSecondsOfEnded() {
  return secondsAt(fieldsOf('self'), CHILDREN);
}

/**
 * CPU seconds of a process and its children, those that have ended too.
 *
 * @param {number} pid
 */
export function cpuSecondsOfFamily(pid) {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => childSeconds(Number(name), pid));
  const own = fieldsOf(pid);
  return children.reduce((sum, seconds) => sum + seconds, secondsAt(own, [...OWN, ...CHILDREN]));
}

function childSeconds(pid, parent) {
  const fields = ifThere(() => fieldsOf(pid));
  return fields !== undefined && Number(fields[PARENT]) === parent ? [secondsAt(fields, OWN)] : [];
}

/**
 * Resident memory in MiB.
 *
 * @param {number} pid
 * @param {'VmRSS' | 'VmHWM'} what now, or the most so far
 * @returns {number | undefined} none of a process that has ended
 */
export function residentMiB(pid, what) {
  const [, kibibytes] = new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(statusOf(pid)) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
}

function statusOf(pid) {
  return ifThere(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
}

/** Processes end while they are looked at. */
function ifThere(read) {
  try {
    return read();
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}
