import type { Position } from '../../utils/position.js';

/** Where the next request goes on; it is stored with the messages before it. */
export interface HttpPlace {
  /** Address of the next page; undefined behind the last one. */
  readonly next?: string | undefined;
  readonly cursor?: string | undefined;
  /** What the server said of the first page, so that it can answer that nothing has changed. */
  readonly etag?: string | undefined;
  readonly last_modified?: string | undefined;
}

/** The place that a position stands for; the beginning for none, or for that of another variety. */
export function placeOf(position: Position | undefined): HttpPlace {
  if (position === null || typeof position !== 'object' || Array.isArray(position)) return {};
  const texts = ['next', 'cursor', 'etag', 'last_modified'] as const;
  const known = texts.flatMap((key) => {
    const value = (position as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' ? [[key, value] as const] : [];
  });
  return Object.fromEntries(known);
}

/** A place as a position: only what is known. */
export function toPosition(place: HttpPlace): Position {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined)) as Position;
}
