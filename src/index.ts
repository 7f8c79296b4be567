export { z } from 'zod';
export { Consumer, type ConsumerContext, type SourceExamination } from './consumers/consumer.js';
export { type ConsumerSettings, type ConsumerVariety, consumerSchema } from './consumers/variety.js';
export { type LoadedPipeline, type LoadOptions, loadPipeline } from './engine/config/load-pipeline.js';
export {
  type ConsumerDefinition,
  defineVariety,
  type ProducerDefinition,
} from './engine/define-variety.js';
export type { Pipeline, Runner } from './engine/pipeline.js';
export { type PipelineConfig, type RunPipelineOptions, runPipeline } from './engine/run-pipeline.js';
export type { RunnerSummary, RunSummary } from './engine/summary.js';
export { type RunOptions, Supervisor } from './engine/supervisor.js';
export { Producer, type ProducerContext, type Receipt, type Source } from './producers/producer.js';
export { type ProducerSettings, type ProducerVariety, producerSchema } from './producers/variety.js';
export { LocalStage, type LocalStageSettings } from './stages/local.js';
export { ParquetStage } from './stages/parquet.js';
export {
  type Batch,
  type BatchContent,
  type Follow,
  type Gap,
  type MessageChunk,
  type Passed,
  type Row,
  Stage,
  type StageContext,
} from './stages/stage.js';
export { stageSetting } from './stages/stage-settings.js';
export { ERROR_CODES, type ErrorCode } from './utils/error-codes.js';
export { BlockedError, SocketElError, TransientError } from './utils/errors.js';
export type { Examination, Finding, Fix } from './utils/examination.js';
export type { Logger, LogRecord } from './utils/logger.js';
export type { Position } from './utils/position.js';
export {
  addressSetting,
  byteSizeSetting,
  durationSetting,
  integerSetting,
  pointerSetting,
} from './utils/settings.js';
