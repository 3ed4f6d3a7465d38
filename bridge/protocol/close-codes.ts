/** Why a WebSocket was closed by the server (RFC 6455, section 7.4; 4000..4999 are an application's own). */
export const closeCodes = {
  /** The server shuts down. */
  goingAway: 1001,
  /** A frame or text larger than its limit. */
  messageTooBig: 1009,
  /** A binary frame that cannot be read: nothing that follows on this socket could be trusted. */
  malformedFrame: 4400,
  /** Anything but `hello`, then `pair`, before the client has shown who it is. */
  unauthenticated: 4401,
  /** The token of this socket was revoked. */
  revoked: 4403,
  /** Client and server speak different protocol versions. */
  versionMismatch: 4406,
  /** No `welcome` or `paired` in time. */
  handshakeTimeout: 4408,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
