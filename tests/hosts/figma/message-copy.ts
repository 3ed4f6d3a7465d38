/** What is left of a message between the two halves of a plugin: Figma copies it, and not everything can be. */

const typeName = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

/**
 * A copy as the other side gets it: functions and prototypes are dropped, dates and Uint8Arrays copied.
 *
 * @throws Error for what Figma does not carry: symbols, other typed arrays, maps, sets, blobs, promises, errors.
 */
export function copyMessage(value: unknown, member = 'postMessage'): unknown {
  if (typeof value === 'symbol' || typeof value === 'bigint')
    throw new Error(`in ${member}: Cannot unwrap ${typeof value}`);
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const type = typeName(value);
  switch (type) {
    case 'Uint8Array':
      return Uint8Array.from(value as Uint8Array);
    case 'Date':
      return new Date(Number(value));
    case 'Array':
      return (value as readonly unknown[]).map((item) => copyMessage(item, member));
    case 'Object':
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, inner]) => typeof inner !== 'function')
          .map(([key, inner]) => [key, copyMessage(inner, member)]),
      );
    default:
      throw new Error(`in ${member}: Expected plain data, dates and Uint8Arrays, received ${type}`);
  }
}
