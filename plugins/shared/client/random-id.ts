/** A name that nothing else has, of `A–Z a–z 0–9 -`: this moment and 32 random bits. Not a secret. */
export function randomId(): string {
  return `${Date.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
}
