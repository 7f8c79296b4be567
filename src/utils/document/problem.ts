import { type ErrorCode, SocketElError } from '../errors.js';
import { printable } from '../printable.js';

/** A place in a document: keys and indices from its root. */
export type DocumentPath = readonly (string | number)[];

/** One thing that is wrong with a document, and where. Lines and columns count from 1. */
export interface Problem {
  readonly code: ErrorCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line's text; empty where it must not be shown. */
  readonly source: string;
  readonly path: DocumentPath;
  /** Expectation and value, without the place. */
  readonly message: string;
  readonly hint?: string | undefined;
}

const EXCERPT_LENGTH = 160;
/** How much of a long line is shown before the place. */
const EXCERPT_LEAD = 60;

/** Everything that is wrong with the operator's input, at once. */
export class ProblemsError extends SocketElError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    const [first] = problems;
    super({
      code: first.code,
      path: pathText(first.path),
      message: problems.map(renderProblem).join('\n\n'),
    });
    this.problems = problems;
  }
}

/** Throws when there are problems; ordered by place, each once. */
export function throwProblems(problems: readonly Problem[]): void {
  const each = new Map(problems.map((problem) => [identityOf(problem), problem]));
  const [first, ...rest] = [...each.values()].sort(byPlace);
  if (first !== undefined) throw new ProblemsError([first, ...rest]);
}

/** An anchor that is merged into several maps leads several paths to one place. */
function identityOf({ file, line, column, code, message, path }: Problem): string {
  return JSON.stringify([file, line, column, code, message, path.at(-1)]);
}

function byPlace(a: Problem, b: Problem): number {
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}

/** A path as people write it: `runners[0].stage.path`. */
export function pathText(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** A problem as text: place, message, the line itself with a caret, and the hint. */
export function renderProblem(problem: Problem): string {
  const { file, line, column, path, message, hint, code } = problem;
  const subject = path.length === 0 ? '' : `${pathText(path)}: `;
  const head = `${file}:${line}:${column}: ${subject}${message}  [${code}]`;
  const lines = [head, ...excerpt(problem), ...(hint === undefined ? [] : [`    ${hint}`])];
  return lines.map(printable).join('\n');
}

function excerpt({ source, column }: Problem): readonly string[] {
  const whole = source.replace(/\t/g, ' ').trimEnd();
  if (whole.trim() === '') return [];
  const from = column > EXCERPT_LENGTH - EXCERPT_LEAD ? column - EXCERPT_LEAD : 0;
  const shown = `${from > 0 ? '…' : ''}${whole.slice(from, from + EXCERPT_LENGTH)}`;
  const caretAt = column - 1 - from + (from > 0 ? 1 : 0);
  return [`    ${shown}`, `    ${' '.repeat(Math.max(0, caretAt))}^`];
}
