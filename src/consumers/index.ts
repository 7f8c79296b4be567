import { fileVariety } from './file/index.js';
import { httpVariety } from './http/index.js';
import { socketVariety } from './socket/index.js';
import { stdinVariety } from './stdin/index.js';
import type { ConsumerVariety } from './variety.js';

/** Every consumer variety that comes with socket-el. */
export const consumerVarieties: readonly ConsumerVariety[] = [
  socketVariety,
  httpVariety,
  fileVariety,
  stdinVariety,
];
