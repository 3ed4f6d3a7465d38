/** The page a browser shows for the server's address: that it runs, on what, with which models, and how to pair. */
import type { Capabilities } from '../protocol/messages.ts';

/** Everything the page needs is in it, and nothing of it runs. */
export const statusPagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function statusPage({ version, device, models }: Capabilities): string {
  const rows = models.map(
    ({ name, kind, architecture, problem }) =>
      `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(kind)}</td><td>${escapeHtml(problem ?? architecture)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inlay</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
code { font-size: 0.95em; }
</style>
</head>
<body>
<h1>Inlay is running</h1>
<p>Version ${escapeHtml(version)}, computing on ${escapeHtml(device.device)}. ${escapeHtml(device.reason)}</p>
<h2>Pair an editor</h2>
<p>Run <code>inlay pair</code> on this computer, and enter the code it shows into the editor's Inlay panel within two minutes.</p>
<h2>Models</h2>
<table>
<tr><th>Name</th><th>Kind</th><th>Architecture</th></tr>
${rows.join('\n')}
</table>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
