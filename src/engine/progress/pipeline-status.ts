import { setTimeout as delay } from 'node:timers/promises';
import { describeStage, type StageDescription } from '../../stages/upkeep/describe-stage.js';
import type { StageKeeper } from '../stage-keeper.js';

/** A consumer, as its stage tells. Times are RFC 3339. */
export interface ConsumerStatus {
  readonly name: string;
  /** `never` when nothing was staged; `ended` when the source has ended for good. */
  readonly state: 'running' | 'stopped' | 'ended' | 'never';
  readonly pid: number | null;
  /** Messages ever staged, and how many a second right now. */
  readonly messages: number;
  readonly messages_per_second: number;
  readonly last_received_at: string | null;
  /** What is kept in the stage, and where. */
  readonly bytes: number;
  readonly folder: string | null;
}

/** How far a producer has loaded one consumer's stage. */
export interface LoadStatus {
  readonly name: string;
  readonly consumer: string;
  readonly state: 'running' | 'stopped' | 'never';
  readonly pid: number | null;
  /** The batch that it has passed, and when. */
  readonly passed: number;
  readonly passed_at: string | null;
  /** Bytes of messages that it loads in a second right now. */
  readonly bytes_per_second: number;
  readonly waiting_batches: number;
  readonly waiting_bytes: number;
}

/** How a pipeline stands by what is on the disk, whether it runs or not, and in whatever process. */
export interface PipelineStatus {
  readonly pipeline: string;
  readonly consumers: readonly ConsumerStatus[];
  readonly loads: readonly LoadStatus[];
}

type Stages = ReadonlyMap<string, StageDescription>;

/** Looks at the stages of a pipeline; twice, `intervalMs` apart, where something is at work. */
export async function readStatus(keeper: StageKeeper, intervalMs: number): Promise<PipelineStatus> {
  const before = await describeAll(keeper);
  const startedMs = performance.now();
  const isAtWork = [...before.values()].some(
    ({ writer_pid, readers }) => writer_pid !== null || readers.some(({ pid }) => pid !== null),
  );
  if (isAtWork) await delay(intervalMs);
  const after = isAtWork ? await describeAll(keeper) : before;
  const seconds = Math.max(0.001, (performance.now() - startedMs) / 1000);
  return {
    pipeline: keeper.pipeline.name,
    consumers: keeper.consumers().map((name) => consumerStatus(name, { before, after, seconds })),
    loads: keeper.producers().flatMap((producer) => {
      const sources = keeper.builder.runner(producer).dependsOn;
      return sources.map((consumer) => loadStatus(producer, consumer, { before, after, seconds }));
    }),
  };
}

interface Looks {
  readonly before: Stages;
  readonly after: Stages;
  readonly seconds: number;
}

function consumerStatus(name: string, { before, after, seconds }: Looks): ConsumerStatus {
  const stage = after.get(name);
  const messages = stage?.total_messages ?? 0;
  return {
    name,
    state: consumerState(stage),
    pid: stage?.writer_pid ?? null,
    messages,
    messages_per_second: (messages - (before.get(name)?.total_messages ?? messages)) / seconds,
    last_received_at: stage?.last_received_at ?? null,
    bytes: stage?.bytes ?? 0,
    folder: stage?.folder ?? null,
  };
}

function consumerState(stage: StageDescription | undefined): ConsumerStatus['state'] {
  if (stage === undefined) return 'never';
  if (stage.ended) return 'ended';
  return stage.writer_pid === null ? 'stopped' : 'running';
}

function loadStatus(name: string, consumer: string, { before, after, seconds }: Looks): LoadStatus {
  const [then, now] = [readerOf(before, name, consumer), readerOf(after, name, consumer)];
  const bytes = passedBytes(after.get(consumer), now) - passedBytes(before.get(consumer), then);
  return {
    name,
    consumer,
    state: now?.at === undefined || now.at === null ? 'never' : now.pid === null ? 'stopped' : 'running',
    pid: now?.pid ?? null,
    passed: now?.passed ?? 0,
    passed_at: now?.at ?? null,
    bytes_per_second: bytes / seconds,
    waiting_batches: now?.waiting_batches ?? 0,
    waiting_bytes: now?.waiting_bytes ?? 0,
  };
}

type Reader = StageDescription['readers'][number];

function readerOf(stages: Stages, name: string, consumer: string): Reader | undefined {
  return stages.get(consumer)?.readers.find((reader) => reader.name === name);
}

function passedBytes(stage: StageDescription | undefined, reader: Reader | undefined): number {
  return (stage?.total_bytes ?? 0) - (reader?.waiting_bytes ?? 0);
}

async function describeAll(keeper: StageKeeper): Promise<Stages> {
  const stages = new Map<string, StageDescription>();
  for (const folder of await keeper.folders()) {
    const { consumer } = folder.identity;
    stages.set(consumer, await describeStage(folder, keeper.dependents(consumer)));
  }
  return stages;
}
