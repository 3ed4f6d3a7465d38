import type { Failure } from '../../../bridge/protocol/messages.ts';

/** A failure that the server told, or one of the client's own: `unreachable`, `unpaired`, `closed`. */
export class ClientError extends Error {
  readonly code: string;
  /** What the user can do about it, in a sentence. */
  readonly hint: string;

  constructor({ code, message, hint }: Failure) {
    super(message);
    this.name = 'ClientError';
    this.code = code;
    this.hint = hint;
  }
}

export function cancelledError(): ClientError {
  return new ClientError({
    code: 'cancelled',
    message: 'The job was cancelled.',
    hint: 'Start the job again when you want it.',
  });
}

export function unpairedError(): ClientError {
  return new ClientError({
    code: 'unpaired',
    message: 'This editor is not paired with Inlay.',
    hint: 'Run `inlay pair` and enter the code it shows.',
  });
}

export function closedError(): ClientError {
  return new ClientError({
    code: 'closed',
    message: 'The connection to Inlay was closed.',
    hint: 'Connect again.',
  });
}
