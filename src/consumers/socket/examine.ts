import { clockFinding } from '../../utils/clock-skew.js';
import type { Finding, Fix } from '../../utils/examination.js';
import { isThisMachine } from '../../utils/this-machine.js';
import { peekTlsFacts, type TlsFacts, tlsFinding } from '../../utils/tls-facts.js';
import type { SourceExamination } from '../consumer.js';
import type { SocketSettings } from './settings.js';
import type { UpgradeAnswer } from './upgrade-answer.js';

const SWITCHING_PROTOCOLS = 101;
const EXAMPLE = 'subscribe: [{op: subscribe, channels: [trades]}]';

/** Says what is known of a server; one that was not reached by TLS is asked for its certificate. */
export async function examineSocket(
  settings: SocketSettings,
  answer: UpgradeAnswer | undefined,
): Promise<SourceExamination> {
  const url = new URL(settings.uri);
  const tls = answer === undefined && url.protocol === 'wss:' ? await peek(url) : answer?.tls;
  const isConnected = answer?.status === SWITCHING_PROTOCOLS;
  const address = `${url.protocol}//${url.host}${url.pathname}`;
  const unreached = tls === undefined ? [] : [tlsFinding(tls)];
  return {
    isConnected,
    address,
    addressKey: 'uri',
    whenSilent: whenSilent(settings),
    findings: answer === undefined ? unreached : answerFindings(url, address, answer),
    facts: {
      address,
      connected: isConnected,
      http_status: answer?.status ?? null,
      connected_after_ms: isConnected ? answer.tookMs : null,
      tls: tls ?? null,
      clock_skew_ms: answer?.clock?.skewMs ?? null,
    },
  };
}

function answerFindings(
  url: URL,
  address: string,
  { status, tookMs, tls, clock }: UpgradeAnswer,
): readonly Finding[] {
  const connected: Finding = { state: 'ok', text: `connected to ${address} after ${tookMs} ms` };
  return [
    ...(status === SWITCHING_PROTOCOLS ? [connected] : []),
    ...encryption(url, tls),
    ...(clock === undefined ? [] : [clockFinding(clock)]),
  ];
}

function peek({ hostname, port }: URL): Promise<TlsFacts | undefined> {
  return peekTlsFacts(hostname.replace(/^\[|\]$/g, ''), Number(port || 443));
}

function encryption({ hostname }: URL, tls: TlsFacts | undefined): readonly Finding[] {
  if (tls !== undefined) return [tlsFinding(tls)];
  if (isThisMachine(hostname)) return [{ state: 'ok', text: 'not encrypted, on this machine' }];
  const text = 'not encrypted: what is on the way, headers too, can be read and changed';
  const fix = { text: 'where the server speaks TLS, write wss:// for ws://', paste: [] };
  return [{ state: 'note', text, key: 'uri', fixes: [fix] }];
}

function whenSilent({ subscribe }: SocketSettings): readonly Fix[] {
  if (subscribe.length === 0) {
    const text = 'most feeds want a message first, which their manual shows; add it to the runner, as in';
    return [{ text, paste: [EXAMPLE] }];
  }
  const sent = subscribe.length === 1 ? 'one message' : `${subscribe.length} messages`;
  return [{ text: `${sent} of subscribe: were sent: compare them with the feed's manual`, paste: [] }];
}
