/**
 * Pairing: the host shows a six-digit code, the user types it into the editor's panel, the client gets a token for it.
 * A code lives two minutes, takes five tries, and works once; without an open one nothing can be paired at all.
 */
import { randomInt, timingSafeEqual } from 'node:crypto';
import { pairingCodeDigits } from '../protocol/limits.ts';

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

export type PairingOutcome = 'paired' | 'wrong-code' | 'no-tries-left' | 'not-open';

export class Pairing {
  readonly #now: () => number;
  readonly #random: (below: number) => number;
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

  close(): void {
    this.#open = undefined;
  }

  /** `no-tries-left` is the answer to the fifth wrong code; from then on pairing is not open. */
  try(code: string): PairingOutcome {
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
