/** Pictures as addresses, for `<img>`; by plain code, as not every editor has `btoa` or object URLs. */
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648, with padding. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  const whole = bytes.length - (bytes.length % 3);
  for (let at = 0; at < whole; at += 3) {
    const triple = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    text +=
      digits[triple >> 18]! + digits[(triple >> 12) & 63] + digits[(triple >> 6) & 63] + digits[triple & 63];
  }
  const rest = bytes.length - whole;
  if (rest === 0) return text;
  const last = (bytes[whole]! << 16) | ((bytes[whole + 1] ?? 0) << 8);
  return `${text}${digits[last >> 18]}${digits[(last >> 12) & 63]}${rest === 2 ? digits[(last >> 6) & 63] : '='}=`;
}

export function dataUrl(mediaType: string, bytes: Uint8Array): string {
  return `data:${mediaType};base64,${base64(bytes)}`;
}
