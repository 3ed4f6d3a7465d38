/**
 * Pairing: a client gets a token for one of two things. The host shows a six-digit code that the user types into the
 * editor's panel; it lives two minutes, takes five tries, and works once. And the address of the page has a key after
 * its `#`; with 256 random bits it cannot be guessed, so it may be tried as often as anyone likes and works until the
 * server ends. Neither has any influence on the other.
 */
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { pairingCodeDigits, pairingKeyBytes, pairingKeyLength } from '../protocol/limits.ts';

export const pairingLifetimeMs = 120_000;
export const maxPairingTries = 5;

export interface PairingOptions {
  /** Milliseconds; only differences count. */
  readonly now?: () => number;
  /** A whole number, 0 <= n < below. */
  readonly random?: (below: number) => number;
}

export interface OpenPairing {
  readonly code: string;
  readonly expiresInMs: number;
}

export type PairingOutcome = 'paired' | 'wrong-key' | 'wrong-code' | 'no-tries-left' | 'not-open';

export class Pairing {
  readonly #now: () => number;
  readonly #random: (below: number) => number;
  /** The key of the page's address; none once the server closes. */
  #key: string | undefined = randomBytes(pairingKeyBytes).toString('base64url');
  #open: { readonly code: string; readonly expiresAt: number; triesLeft: number } | undefined;

  constructor({ now = () => performance.now(), random = randomInt }: PairingOptions = {}) {
    this.#now = now;
    this.#random = random;
  }

  /** Opens pairing with a new code; an earlier one is worth nothing from now on. */
  open(): OpenPairing {
    const code = String(this.#random(10 ** pairingCodeDigits)).padStart(pairingCodeDigits, '0');
    this.#open = { code, expiresAt: this.#now() + pairingLifetimeMs, triesLeft: maxPairingTries };
    return { code, expiresInMs: pairingLifetimeMs };
  }

  /** The key of the page's address, as long as it is worth anything. */
  get key(): string | undefined {
    return this.#key;
  }

  /** Whether there is a code that may be tried. */
  get isOpen(): boolean {
    return this.#open !== undefined && this.#now() < this.#open.expiresAt;
  }

  /** From now on neither code nor key pairs anybody, until the next `open` gives a code. */
  close(): void {
    this.#open = undefined;
    this.#key = undefined;
  }

  /**
   * Takes a code, or by its length the key. `no-tries-left` is the answer to the fifth wrong code; from then on pairing
   * is not open.
   */
  try(code: string): PairingOutcome {
    if (code.length === pairingKeyLength) {
      return this.#key !== undefined && isSameText(code, this.#key) ? 'paired' : 'wrong-key';
    }
    const open = this.#open;
    if (open === undefined || this.#now() >= open.expiresAt) {
      this.#open = undefined;
      return 'not-open';
    }
    if (isSameText(code, open.code)) {
      this.#open = undefined;
      return 'paired';
    }
    open.triesLeft -= 1;
    if (open.triesLeft > 0) return 'wrong-code';
    this.#open = undefined;
    return 'no-tries-left';
  }
}

function isSameText(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left);
  const rightBytes = Buffer.from(right);
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
