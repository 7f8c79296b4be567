import { InvalidArgumentError } from 'commander';

/** Where metrics are served. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** `HOST:PORT`, `[::1]:PORT`, `:PORT` or `PORT`; without a host, this machine alone. */
export function metricsOption(text: string): MetricsAddress {
  const [, bracketed, plain, digits = ''] =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== '' && port <= 65_535) return { host: bracketed ?? (plain || '127.0.0.1'), port };
  throw new InvalidArgumentError('expected an address and a port, such as 127.0.0.1:9464');
}

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
