/** Any JSON value; what a position in a source may be made of. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A place in a source from which it can be read again, as the source's consumer defines it. */
export type Position = Json;
