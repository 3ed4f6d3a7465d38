/** The page that is an editor of its own, in the browser: which of its files are served, and what it may load and reach. */
import { defaultPorts } from '../protocol/ports.ts';

/** What a browser shows where the page's files are not there: from source, before they were ever built. */
export const pageIsMissing =
  'Inlay is running, but its page has not been built: run `npm run build`, then load this address again.\n';

/**
 * The page's Content-Security-Policy. Everything it runs and shows is the server's own or made in the page (`blob:`,
 * `data:` pictures); it talks to this server, and after a restart to the same one on another port of the list.
 */
export function pagePolicy(port: number): string {
  const sockets = [...new Set([port, ...defaultPorts])].map((own) => `ws://localhost:${own}`);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "worker-src 'self'",
    `connect-src 'self' ${sockets.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
