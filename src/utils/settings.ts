import { z } from 'zod';
import { BYTE_SIZE_PATTERN, parseByteSize } from './byte-size.js';
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.js';
import { parseJsonPointer } from './json-pointer.js';

/** The form of every name that can become part of a path. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const WHOLE_NUMBER = /^(0|[1-9]\d*)$/;
const NAME_RULE =
  'expected a name of letters, digits, "_" and "-", starting with a letter or digit, at most 63 long';
const DURATION_RULE = 'expected a duration such as 500ms, 10s, 5m, 24h or 7d';
const SIZE_RULE = 'expected a size such as 64KiB, 16MiB or 10GiB';
/** Node's timers hold no more than 2^31-1 milliseconds. */
export const MAX_DURATION_MS = 24 * 86_400_000;

/** A runner's, pipeline's or profile's name. */
export function nameSetting() {
  return z
    .string({
      error: (issue) => (issue.input === undefined ? 'expected a name' : `${NAME_RULE}; put it into quotes`),
    })
    .regex(NAME_PATTERN, NAME_RULE)
    .meta({ title: 'name' });
}

/** A duration as text, such as `10s`, of at least `minMs` and at most 24 days; parsed to milliseconds. */
export function durationSetting(minMs = 0) {
  const range = `expected a duration from ${formatDuration(minMs)} to ${formatDuration(MAX_DURATION_MS)}`;
  return z
    .string({ error: DURATION_RULE })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== undefined && ms >= minMs && ms <= MAX_DURATION_MS) return ms;
      const isDuration = ms !== undefined;
      const message = isDuration ? range : DURATION_RULE;
      context.addIssue({ code: 'custom', message, params: { range: isDuration } });
      return z.NEVER;
    })
    .meta({ title: 'duration', pattern: DURATION_PATTERN.source });
}

/** A size as text, such as `16MiB`, within bounds in bytes; parsed to bytes. */
export function byteSizeSetting(min: string, max: string) {
  const [minBytes, maxBytes] = [parseByteSize(min) as number, parseByteSize(max) as number];
  return z
    .string({ error: SIZE_RULE })
    .transform((text, context) => {
      const bytes = parseByteSize(text);
      if (bytes !== undefined && bytes >= minBytes && bytes <= maxBytes) return bytes;
      const isSize = bytes !== undefined;
      const message = isSize ? `expected a size from ${min} to ${max}` : SIZE_RULE;
      context.addIssue({ code: 'custom', message, params: { range: isSize } });
      return z.NEVER;
    })
    .meta({ title: 'size', pattern: BYTE_SIZE_PATTERN.source });
}

/** A whole number in [min, max]; its digits as text are accepted too, because that is what `${env:X}` gives. */
export function integerSetting(min: number, max: number) {
  return z
    .preprocess(
      (value) => (typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value),
      z
        .int({ error: ({ code }) => (code === 'invalid_type' ? 'expected a whole number' : undefined) })
        .min(min)
        .max(max),
    )
    .meta({ title: 'whole number' });
}

/** A JSON pointer (RFC 6901), where `*` stands for every element of an array. */
export function pointerSetting() {
  return z
    .string()
    .refine((text) => parseJsonPointer(text) !== undefined, 'expected a JSON pointer such as /data/trades')
    .meta({ title: 'JSON pointer' });
}

/** An address with one of the given schemes, such as `ws`. */
export function addressSetting(schemes: readonly string[]) {
  const expected = schemes.map((scheme) => `${scheme}://`).join(' or ');
  return z
    .string()
    .refine((text) => isAddress(text, schemes), `expected a ${expected} address`)
    .meta({ title: `address, ${expected}` });
}

function isAddress(text: string, schemes: readonly string[]): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && schemes.some((scheme) => url.protocol === `${scheme}:`) && url.hostname !== '';
}
