import type { RunnerProgress } from '../../engine/progress/runner-progress.js';
import type { Style } from './style.js';

/** A piece of a runner's line; of those that find no room in the window, the ones with the largest rank go first. */
export interface Cell {
  readonly text: string;
  readonly rank: number;
  readonly style?: Style | undefined;
}

const BAR_LENGTH = 12;

/** What the line of a runner says, behind its dot and name. Runners of one type have the same cells. */
export function cellsOf(progress: RunnerProgress): readonly Cell[] {
  return progress.type === 'consumer' ? consumerCells(progress) : producerCells(progress);
}

function consumerCells(progress: RunnerProgress): readonly Cell[] {
  const { perSecond, messages, ignored, gaps, silentMs, share, restarts } = progress;
  return [
    { text: `${grouped(perSecond)}/s`, rank: 1 },
    { text: `${grouped(messages)} received`, rank: 0 },
    { text: `${grouped(ignored)} ignored`, rank: 5, style: 'dim' },
    { text: counted(gaps, 'gap'), rank: 3, style: gaps > 0 ? 'yellow' : 'dim' },
    { text: silentMs === undefined ? '' : `last ${seconds(silentMs)} ago`, rank: 4, style: 'dim' },
    { text: share === undefined ? '' : bar(share), rank: 2 },
    { text: restarts > 0 ? counted(restarts, 'restart') : '', rank: 6, style: 'yellow' },
  ];
}

function producerCells(progress: RunnerProgress): readonly Cell[] {
  const { perSecond, loaded, dead, waiting, lag, restarts } = progress;
  const lags = lag && `lag ${duration(lag.p50Ms)} p50, ${duration(lag.p99Ms)} p99`;
  return [
    { text: `${grouped(perSecond)}/s`, rank: 1 },
    { text: `${grouped(loaded)} loaded`, rank: 0 },
    { text: `${grouped(dead)} dead`, rank: 3, style: dead > 0 ? 'red' : 'dim' },
    { text: waiting === undefined ? '' : `${counted(waiting.batches, 'batch', 'batches')} waiting`, rank: 2 },
    { text: lags ?? '', rank: 4, style: 'dim' },
    { text: restarts > 0 ? counted(restarts, 'restart') : '', rank: 6, style: 'yellow' },
  ];
}

/** A count with its thousands apart. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1 gap`, `2 gaps`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : several}`;
}

function seconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : seconds(ms);
}

function bar(share: number): string {
  const full = Math.floor(share * BAR_LENGTH);
  const blocks = `${'█'.repeat(full)}${'░'.repeat(BAR_LENGTH - full)}`;
  return `${blocks} ${String(Math.floor(share * 100)).padStart(3)} %`;
}
