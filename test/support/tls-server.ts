import { execFile } from 'node:child_process';
import { appendFile, chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { giveTo, serverAccount } from '../../scripts/postgres-account.mjs';
import { type PostgresServer, startPostgres } from '../../scripts/postgres-server.mjs';

const openssl = (args: readonly string[]) => promisify(execFile)('openssl', args);

/** What the server shows. */
type CertificateName = 'good' | 'other_host' | 'expired';

export interface TlsSetting {
  /** undefined: no TLS. */
  readonly certificate: CertificateName | undefined;
  /** Whom pg_hba.conf lets in: with TLS only, without only, or both. */
  readonly lets: 'hostssl' | 'hostnossl' | 'host';
}

/** A PostgreSQL server of a test file's own, whose TLS can be set. */
export class TlsServer {
  readonly server: PostgresServer;
  /** PEM file of the authority that signed its certificates, and one of another authority. */
  readonly authority: string;
  readonly otherAuthority: string;
  readonly #folder: string;
  #setting: TlsSetting = { certificate: undefined, lets: 'host' };

  private constructor(server: PostgresServer, folder: string) {
    this.server = server;
    this.#folder = folder;
    this.authority = join(folder, 'authority.pem');
    this.otherAuthority = join(folder, 'stranger.pem');
  }

  /** The caller stops its `server`. */
  static async start(folder: string): Promise<TlsServer> {
    await makeAuthority(folder, 'authority');
    await makeAuthority(folder, 'stranger');
    await makeCertificate(folder, 'good', { names: 'IP:127.0.0.1,IP:0.0.0.0', days: 1 });
    await makeCertificate(folder, 'other_host', { names: 'DNS:db.example,DNS:db2.example', days: 1 });
    await makeCertificate(folder, 'expired', { names: 'IP:127.0.0.1', days: -1 });
    return new TlsServer(await startPostgres(), folder);
  }

  /** Restarts the server with another setting and an empty schema `test`. */
  async set(setting: TlsSetting): Promise<void> {
    this.#setting = setting;
    const { dataDir } = this.server;
    const rules = `${setting.lets} all all all scram-sha-256\nlocal all all scram-sha-256\n`;
    await writeFile(join(dataDir, 'pg_hba.conf'), rules);
    const lines = [`ssl = ${setting.certificate === undefined ? 'off' : 'on'}`];
    if (setting.certificate !== undefined) {
      for (const end of ['pem', 'key']) await this.#install(`${setting.certificate}.${end}`);
      lines.push(
        `ssl_cert_file = '${setting.certificate}.pem'`,
        `ssl_key_file = '${setting.certificate}.key'`,
      );
    }
    await appendFile(join(dataDir, 'postgresql.conf'), `${lines.join('\n')}\n`);
    await this.server.restart();
    await this.query(`DROP SCHEMA IF EXISTS test CASCADE; CREATE SCHEMA test;
      CREATE FUNCTION test.is_encrypted() RETURNS bool LANGUAGE sql AS
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
      CREATE TABLE test.rows (n int8, encrypted bool DEFAULT test.is_encrypted())`);
  }

  /** Runs statements as superuser, over a connection that the setting allows. */
  async query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const ssl = this.#setting.lets === 'hostssl' ? { rejectUnauthorized: false } : false;
    const client = new pg.Client({ connectionString: this.server.url, ssl });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async #install(name: string): Promise<void> {
    const path = join(this.server.dataDir, name);
    await copyFile(join(this.#folder, name), path);
    await chmod(path, 0o600);
    giveTo(path, serverAccount());
  }
}

async function makeAuthority(folder: string, name: string): Promise<void> {
  const [key, pem] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(['req', '-x509', ...kind, '-keyout', key, '-out', pem, '-subj', `/CN=${name}`, '-days', '1']);
}

async function makeCertificate(
  folder: string,
  name: CertificateName,
  { names, days }: { readonly names: string; readonly days: number },
): Promise<void> {
  const at = (end: string) => join(folder, `${name}.${end}`);
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(['req', ...kind, '-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${name}`]);
  await writeFile(at('ext'), `subjectAltName=${names}\n`);
  const signer = ['-CA', join(folder, 'authority.pem'), '-CAkey', join(folder, 'authority.key')];
  const what = ['-in', at('csr'), '-out', at('pem'), '-extfile', at('ext'), '-days', String(days)];
  await openssl(['x509', '-req', ...what, ...signer, '-CAcreateserial']);
}
