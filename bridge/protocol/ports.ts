/** The server takes the first free one. Editors' manifests must name them, so this list is fixed. */
export const defaultPorts = [41730, 41731, 41732, 41733] as const;

/** The path of the WebSocket, which carries the protocol's major version. */
export const socketPath = '/v1';
