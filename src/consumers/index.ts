import { fileVariety } from './file/index.js';
import { socketVariety } from './socket/index.js';
import type { ConsumerVariety } from './variety.js';

/** Every consumer variety that comes with socket-el. */
export const consumerVarieties: readonly ConsumerVariety[] = [socketVariety, fileVariety];
