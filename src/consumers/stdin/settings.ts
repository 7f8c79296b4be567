import type { z } from 'zod';
import { consumerSchema } from '../variety.js';

/** Settings of `variety: stdin`. */
export const stdinSchema = consumerSchema({});

export type StdinSettings = z.output<typeof stdinSchema>;
