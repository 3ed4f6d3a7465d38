/** Pictures as addresses, for `<img>`; by plain code, as not every editor has `btoa` or object URLs. */
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648, with padding. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = bytes.subarray(at, at + 3);
    text += digits[first >> 2];
    text += digits[((first & 3) << 4) | ((second ?? 0) >> 4)];
    text += second === undefined ? '=' : digits[((second & 15) << 2) | ((third ?? 0) >> 6)];
    text += third === undefined ? '=' : digits[third & 63];
  }
  return text;
}

export function dataUrl(mediaType: string, bytes: Uint8Array): string {
  return `data:${mediaType};base64,${base64(bytes)}`;
}
