import { request } from 'node:https';

export interface TrustedReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export type TrustingFetch = (
  url: string,
  options?: { method?: string; headers?: Record<string, string>; body?: string },
) => Promise<TrustedReply>;

/** Sends https requests to a server whose certificate is its own authority. */
export function fetchTrusting(ca: string): TrustingFetch {
  return (url, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const call = request(url, { method, headers, ca, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      call.on('error', reject);
      call.end(body);
    });
}

/** Calls `/_sim/<route>`; throws when the simulator refuses it. */
export async function control(
  fetchIt: TrustingFetch,
  url: string,
  method: string,
  route: string,
  body?: unknown,
): Promise<unknown> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await fetchIt(`${url}/_sim/${route}`, { method, ...text });
  if (reply.status >= 400) {
    throw new Error(`${method} /_sim/${route} answered ${reply.status}: ${reply.text}`);
  }
  return reply.text === '' ? undefined : JSON.parse(reply.text);
}
