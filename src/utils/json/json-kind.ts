/** What a JSON value is, as small integers that fit a typed array. */
export const JSON_KIND = { null: 0, false: 1, true: 2, number: 3, string: 4, object: 5, array: 6 } as const;

export type JsonKind = (typeof JSON_KIND)[keyof typeof JSON_KIND];
