import { consoleVariety } from './console/index.js';
import { fileVariety } from './file/index.js';
import { postgresVariety } from './postgres/index.js';
import type { ProducerVariety } from './variety.js';

/** Every producer variety that comes with socket-el. */
export const producerVarieties: readonly ProducerVariety[] = [postgresVariety, fileVariety, consoleVariety];
