/** Whether an error says that a disk, or our share of it, is full. */
export function isNoSpace(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT';
}
