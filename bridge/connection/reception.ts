/** What every connection shares: who may come in, and the desk where the jobs are. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { OpenPairing, Pairing } from '../auth/pairing.ts';
import type { TokenStore } from '../auth/token-store.ts';
import { BridgeError } from '../errors.ts';
import type { CapabilityList } from '../jobs/capabilities.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { Log } from '../log.ts';
import type { Failure } from '../protocol/messages.ts';

/** The client that the home's own command line is: it needs no pairing, having read the token of `server.json`. */
export const localClientId = 'local';

export interface ReceptionOptions {
  readonly desk: JobDesk;
  readonly capabilities: CapabilityList;
  readonly tokens: TokenStore;
  readonly pairing: Pairing;
  readonly log: Log;
  readonly controlToken: string;
}

export class Reception {
  readonly desk: JobDesk;
  readonly capabilities: CapabilityList;
  readonly #tokens: TokenStore;
  readonly #pairing: Pairing;
  readonly #log: Log;
  readonly #controlToken: string;

  constructor({ desk, capabilities, tokens, pairing, log, controlToken }: ReceptionOptions) {
    this.desk = desk;
    this.capabilities = capabilities;
    this.#tokens = tokens;
    this.#pairing = pairing;
    this.#log = log;
    this.#controlToken = controlToken;
  }

  /** The token of the home's own command line; it lives as long as the server. */
  static newControlToken(): string {
    return randomBytes(32).toString('base64url');
  }

  /** The id of the client whose token this is. */
  async authenticate(token: string): Promise<string | undefined> {
    const presented = Buffer.from(token);
    const control = Buffer.from(this.#controlToken);
    if (presented.length === control.length && timingSafeEqual(presented, control)) return localClientId;
    const client = await this.#tokens.authenticate(token);
    return client?.id;
  }

  /** Throws `pairing-failed`. */
  async pair(code: string, name: string): Promise<{ readonly clientId: string; readonly token: string }> {
    const outcome = this.#pairing.try(code);
    switch (outcome) {
      case 'paired': {
        const { client, token } = await this.#tokens.add(name);
        this.#log.info({ clientId: client.id, name }, 'client paired');
        return { clientId: client.id, token };
      }
      case 'wrong-key':
        throw new BridgeError(
          'pairing-failed',
          'Expected the key of this server, received another: it is a new one after each start.',
        );
      case 'wrong-code':
        throw new BridgeError('pairing-failed', 'Expected the code that Inlay shows, received another.');
      case 'no-tries-left':
        throw new BridgeError(
          'pairing-failed',
          'Expected the code that Inlay shows, received too many others.',
        );
      case 'not-open':
        throw new BridgeError(
          'pairing-failed',
          'Pairing is not open: the code was used, has expired, or never was.',
        );
    }
  }

  /** Throws `not-allowed` for everyone but the home's own command line: a client may not let others in. */
  openPairing(clientId: string): OpenPairing {
    if (clientId !== localClientId) {
      throw new BridgeError(
        'not-allowed',
        'Expected `open-pairing` of the command line, received it of a client.',
      );
    }
    return this.#pairing.open();
  }

  noteRefusal({ code, message }: Failure, clientId: string | undefined): void {
    this.#log.warn({ code, reason: message, clientId }, 'message refused');
  }
}
