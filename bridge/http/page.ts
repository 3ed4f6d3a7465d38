/** The page that is an editor of its own, in the browser: which of its files are served, and what it may load and reach. */
/** What a browser shows where the page's files are not there: from source, before they were ever built. */
export const pageIsMissing =
  'Inlay is running, but its page has not been built: run `npm run build`, then load this address again.\n';

/**
 * The page's Content-Security-Policy. Everything it runs and shows is the server's own or made in the page (`blob:`,
 * `data:` pictures), and it talks to this server alone. That one is named as `localhost` too, for a page that was opened by
 * the number of the address.
 */
export function pagePolicy(port: number): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "worker-src 'self'",
    `connect-src 'self' ws://localhost:${port}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
