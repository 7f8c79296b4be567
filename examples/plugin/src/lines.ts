import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { Consumer, defineVariety, integerSetting, TransientError, z } from 'socket-el';

interface LinesSettings {
  readonly host: string;
  readonly port: number;
}

/** Receives JSON lines from a TCP server. Reconnecting, gaps, batches and crash safety are inherited. */
class LinesConsumer extends Consumer<LinesSettings> {
  override async *read(signal: AbortSignal) {
    const socket = connect({ ...this.settings, signal });
    try {
      await once(socket, 'connect');
      this.receiving();
      for await (const line of createInterface({ input: socket })) yield this.chunk(line);
    } catch (cause) {
      throw new TransientError({ code: 'source.connection', message: 'expected a TCP server' }, { cause });
    } finally {
      socket.destroy();
    }
    throw new TransientError({ code: 'source.closed', message: 'the server closed the connection' });
  }
}

export const varieties = [
  defineVariety({
    type: 'consumer',
    name: 'lines',
    summary: 'Receives JSON lines from a TCP server.',
    settings: {
      host: z.string().default('127.0.0.1'),
      port: integerSetting(1, 65_535).describe('Port of the server.'),
    },
    create: (settings, context) => new LinesConsumer(settings, context),
  }),
];
