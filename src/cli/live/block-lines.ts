import type { RunnerProgress } from '../../engine/progress/runner-progress.js';
import { type Cell, cellsOf } from './cells.js';
import type { Paint, Style } from './style.js';

const SEPARATOR = '   ';

const DOTS: Readonly<Record<RunnerProgress['state'], { readonly dot: string; readonly style: Style }>> = {
  starting: { dot: '○', style: 'dim' },
  working: { dot: '●', style: 'green' },
  waiting: { dot: '●', style: 'yellow' },
  blocked: { dot: '●', style: 'red' },
  ended: { dot: '✓', style: 'dim' },
  failed: { dot: '✗', style: 'red' },
};

/** The window that a block of lines must fit into. */
export interface Window {
  readonly columns: number;
  readonly rows: number;
}

/** A line for each runner, its figures below each other for runners of one type; what finds no room is left out. */
export function blockLines(
  runners: readonly RunnerProgress[],
  { columns, rows }: Window,
  paint: Paint,
): readonly string[] {
  const nameWidth = Math.max(...runners.map(({ name }) => name.length));
  const room = columns - 1 - '● '.length - nameWidth;
  const lines = (['consumer', 'producer'] as const).flatMap((type) =>
    linesOf(
      runners.filter((runner) => runner.type === type),
      { nameWidth, room },
      paint,
    ),
  );
  if (lines.length < rows) return lines;
  const shown = Math.max(1, rows - 2);
  return [...lines.slice(0, shown), paint('dim', `… and ${lines.length - shown} more`)];
}

function linesOf(
  runners: readonly RunnerProgress[],
  { nameWidth, room }: { readonly nameWidth: number; readonly room: number },
  paint: Paint,
): readonly string[] {
  const table = runners.map(cellsOf);
  const widths = (table[0] ?? []).map((_, i) =>
    Math.max(...table.map((cells) => cells[i]?.text.length ?? 0)),
  );
  const shown = columnsThatFit(table[0] ?? [], widths, room);
  return runners.map(({ name, state }, row) => {
    const { dot, style } = DOTS[state];
    const cells = shown.map((i) => paintCell(table[row]?.[i], widths[i] ?? 0, paint));
    return [`${paint(style, dot)} ${name.padEnd(nameWidth)}`, ...cells].join(SEPARATOR).trimEnd();
  });
}

/** The columns by their index; from the one with the largest rank on they are dropped until the rest fits. */
function columnsThatFit(cells: readonly Cell[], widths: readonly number[], room: number): readonly number[] {
  const filled = widths.flatMap((width, i) => (width === 0 ? [] : [i]));
  const byRank = filled.toSorted((a, b) => (cells[a]?.rank ?? 0) - (cells[b]?.rank ?? 0));
  let used = 0;
  const kept = byRank.filter((i) => {
    used += SEPARATOR.length + (widths[i] ?? 0);
    return used <= room;
  });
  return kept.toSorted((a, b) => a - b);
}

function paintCell(cell: Cell | undefined, width: number, paint: Paint): string {
  const { text = '', style } = cell ?? {};
  const padded = /^\d/.test(text) ? text.padStart(width) : text.padEnd(width);
  return style === undefined || text === '' ? padded : paint(style, padded);
}
