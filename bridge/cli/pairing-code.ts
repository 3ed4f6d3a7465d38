import type { OpenPairing } from '../auth/pairing.ts';

/** Rows of a seven-segment display, digits 0 to 9, three characters each. */
const segmentRows = [
  ' _     _  _     _  _  _  _  _ ',
  '| |  | _| _||_||_ |_   ||_||_|',
  '|_|  ||_  _|  | _||_|  ||_| _|',
] as const;

/** A code to be read from across the desk and, in plain digits, to be copied. */
export function formatPairingCode(
  { code, expiresInMs }: OpenPairing,
  { large }: { readonly large: boolean },
): string {
  const line = `Pairing code: ${code}   (works once, for ${Math.round(expiresInMs / 60_000)} minutes)`;
  if (!large) return line;
  const rows = segmentRows.map((row) =>
    [...code].map((digit) => row.slice(3 * Number(digit), 3 * Number(digit) + 3)).join('  '),
  );
  return `${rows.map((row) => `      ${row}`).join('\n')}\n\n${line}`;
}
