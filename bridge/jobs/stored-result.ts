import type { ResultPicture } from '../../engine/api.ts';
import type { ServerMessage } from '../protocol/server-message.ts';

export type ResultMessage = Extract<ServerMessage, { readonly type: 'result' }>;

/** A result picture as it is told to the client, with its bytes or the file they are in. */
export interface StoredResult {
  readonly message: ResultMessage;
  readonly content: ResultPicture['content'];
}
