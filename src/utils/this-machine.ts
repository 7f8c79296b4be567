/** Whether a host is this machine, or a folder with a Unix socket of it: what goes there leaves no wire. */
export function isThisMachine(host: string): boolean {
  return /^(\/|127\.|localhost$|\[?::1\]?$)/.test(host);
}
