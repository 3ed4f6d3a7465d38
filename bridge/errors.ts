/**
 * What can go wrong in the bridge, in the same form as the engine's errors: a code, a message fit for a person, and a
 * hint that says what to do. Both kinds travel to clients unchanged.
 */
import { EngineError, toEngineError } from '../engine/errors.ts';
import type { Failure } from './protocol/messages.ts';

const defaultHints = {
  'invalid-message': 'Update the plugin and Inlay to the same release.',
  'version-mismatch': 'Update the older of the two.',
  unauthenticated: 'Pair this client with Inlay first: run `inlay pair`.',
  'pairing-failed': 'Run `inlay pair` and enter the code it shows within two minutes.',
  'not-allowed': 'Run `inlay pair` on this computer.',
  'unknown-job': 'Submit the job again.',
  'unknown-image': 'Send only images that the job has announced.',
  'duplicate-job': 'Give every job an id of its own.',
  'too-many-jobs': 'Wait until some of the waiting jobs are done.',
  'upload-invalid': 'Submit the job again.',
  'upload-timeout': 'Submit the job again.',
  'result-expired': 'Submit the job again.',
  'port-taken': 'Choose another port with `--port`, or stop the program that uses this one.',
  'already-running': 'Use the Inlay that is running, or stop it first.',
  'damaged-file': 'Repair the file, or move it away to start anew.',
  'download-failed': 'Check the connection and try again: what is there already is gone on from.',
  'home-unusable': 'Check that the folder can be written to, or choose another with `--home`.',
} as const;

export type BridgeErrorCode = keyof typeof defaultHints;

export class BridgeError extends Error {
  readonly code: BridgeErrorCode;
  /** What the user can do about it, in a sentence. */
  readonly hint: string;

  constructor(code: BridgeErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BridgeError';
    this.code = code;
    this.hint = options.hint ?? defaultHints[code];
  }
}

/** Any thrown value in the words of the protocol. */
export function toFailure(error: unknown): Failure {
  const { code, message, hint } =
    error instanceof BridgeError || error instanceof EngineError ? error : toEngineError(error);
  return { code, message, hint };
}
