export function contentProblems(files: readonly string[]): string[];
export function hasPathBelow(content: string, folders: readonly string[]): boolean;
