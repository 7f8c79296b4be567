import { z } from 'zod';
import { parseByteSize } from './byte-size.js';
import { parseDuration } from './duration.js';
import { parseJsonPointer } from './json-pointer.js';

/** The form of every name that can become part of a path. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const WHOLE_NUMBER = /^(0|[1-9]\d*)$/;

/** A runner's, pipeline's or profile's name. */
export function nameSetting() {
  return z
    .string()
    .regex(
      NAME_PATTERN,
      'expected a name of letters, digits, "_" and "-", starting with a letter or digit, at most 63 long',
    );
}

/** A duration as text, such as `10s`; parsed to milliseconds. */
export function durationSetting() {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue('expected a duration such as 500ms, 10s, 5m, 24h or 7d');
    return z.NEVER;
  });
}

/** A size as text, such as `16MiB`; parsed to bytes. */
export function byteSizeSetting() {
  return z.string().transform((text, context) => {
    const bytes = parseByteSize(text);
    if (bytes !== undefined) return bytes;
    context.addIssue('expected a size such as 64KiB, 16MiB or 10GiB');
    return z.NEVER;
  });
}

/** A whole number in [min, max]; its digits as text are accepted too, because that is what `${env:X}` gives. */
export function integerSetting(min: number, max: number) {
  return z.preprocess(
    (value) => (typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );
}

/** A JSON pointer (RFC 6901), where `*` stands for every element of an array. */
export function pointerSetting() {
  return z
    .string()
    .refine((text) => parseJsonPointer(text) !== undefined, 'expected a JSON pointer such as /data/trades');
}

/** An address with one of the given schemes, such as `ws`. */
export function addressSetting(schemes: readonly string[]) {
  const expected = schemes.map((scheme) => `${scheme}://`).join(' or ');
  return z.string().refine((text) => isAddress(text, schemes), `expected a ${expected} address`);
}

function isAddress(text: string, schemes: readonly string[]): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && schemes.some((scheme) => url.protocol === `${scheme}:`) && url.hostname !== '';
}
