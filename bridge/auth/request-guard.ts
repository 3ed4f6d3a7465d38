/**
 * The first filter of every HTTP request and WebSocket upgrade: exact sets of strings, no patterns. `Host` stops DNS
 * rebinding; `Origin` stops ordinary web pages. Sandboxed frames of any page have the origin `null`, as Figma's have, so
 * this is never enough on its own: a token is.
 */
export interface RequestHeaders {
  /** Every `Host` header of the request, as it was sent. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
}

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

const ownNames = ['localhost', '127.0.0.1', '[::1]'] as const;

export function checkRequest(headers: RequestHeaders, port: number): Verdict {
  const { hosts, origins } = headers;
  const ownHosts: readonly string[] = ownNames.map((name) => `${name}:${port}`);
  const [host, ...otherHosts] = hosts;
  if (host === undefined || otherHosts.length > 0) return refused(`${hosts.length} Host headers`);
  if (!ownHosts.includes(host)) return refused('Host is not this server');
  const [origin, ...otherOrigins] = origins;
  if (otherOrigins.length > 0) return refused(`${origins.length} Origin headers`);
  const allowedOrigins: readonly (string | undefined)[] = [
    undefined,
    'null',
    ...ownHosts.map((ownHost) => `http://${ownHost}`),
  ];
  if (!allowedOrigins.includes(origin)) return refused('Origin is not allowed');
  return { allowed: true };
}

function refused(reason: string): Verdict {
  return { allowed: false, reason };
}
