import { z } from 'zod';
import { nameSetting, pointerSetting } from '../settings.js';

/** The values of `else` that name no table. */
export const ROUTE_ELSE = { dead: 'dead', discard: 'discard' } as const;

const routeSetting = z.strictObject({
  from: pointerSetting().describe(
    'Where in a row, as received and with what `include` added, the value is that decides.',
  ),
  map: z.record(z.string(), nameSetting()).describe('The table for each value.'),
  else: nameSetting()
    .default(ROUTE_ELSE.dead)
    .describe(
      'What becomes of other rows: `dead` sets them aside, `discard` drops and counts them; or a table.',
    ),
});

/** The key `table` of a consumer. */
export const tableSetting = z
  .union([nameSetting(), routeSetting])
  .describe(
    'The table that the rows go to, the runner’s name unless given; or a choice by a value in each row.',
  );

/** How a row's value decides on its table. */
export type TableRoute = z.output<typeof routeSetting>;
