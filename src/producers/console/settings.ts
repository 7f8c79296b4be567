import type { z } from 'zod';
import { producerSchema } from '../variety.js';

/** Settings of `variety: console`. */
export const consoleSchema = producerSchema({});

export type ConsoleSettings = z.output<typeof consoleSchema>;
