import type { DoctorReport, PlacedFinding, RunnerReport } from '../engine/doctor/report.js';
import type { Fix } from '../utils/examination.js';
import { printable } from '../utils/printable.js';
import { counted } from './live/cells.js';

const MARKS = { ok: '✓', note: '!', problem: '✗' } as const;

/** A report for people: a block a runner, and a line for the whole. */
export function doctorLines(report: DoctorReport): readonly string[] {
  const lines = report.runners.flatMap((runner) => [...runnerLines(runner), '']);
  return [...lines, verdict(report)].map(printable);
}

function runnerLines({ name, type, variety, place, ok, findings }: RunnerReport): readonly string[] {
  const head = `${ok ? MARKS.ok : MARKS.problem} ${name}: ${type}, ${variety}  (${place})`;
  return [head, ...findings.flatMap((finding) => findingLines(finding, place))];
}

/** The place is said where something is to be done about it, and is not that of the runner. */
function findingLines(finding: PlacedFinding, runnerPlace: string): readonly string[] {
  const { state, text, details = [], fixes = [], place } = finding;
  const where = state === 'ok' || place === runnerPlace ? '' : `  (${place})`;
  return [
    `  ${MARKS[state]} ${text}${where}`,
    ...details.map((line) => `      ${line}`),
    ...fixes.flatMap((fix, index) => fixLines(fix, index === 0 ? 'fix' : 'or')),
  ];
}

function fixLines({ text, paste }: Fix, word: string): readonly string[] {
  const colon = paste.length === 0 ? '' : ':';
  return [`    ${word}: ${text}${colon}`, ...paste.map((line) => `      ${line}`)];
}

function verdict({ runners, ok }: DoctorReport): string {
  const count = (state: PlacedFinding['state']) =>
    runners.flatMap(({ findings }) => findings).filter((finding) => finding.state === state).length;
  const notes = count('note') === 0 ? '' : `; ${counted(count('note'), 'note', 'notes')} (!)`;
  if (ok) return `nothing stands in the way of a run${notes}`;
  return `${counted(count('problem'), 'thing stands', 'things stand')} in the way of a run (✗)${notes}`;
}
