export function replaceBetween(text: string, name: string, generated: string): string;
