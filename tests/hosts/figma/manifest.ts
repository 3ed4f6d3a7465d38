/** What of a plugin's manifest decides what it may do. */

export interface FigmaManifest {
  readonly id: string;
  readonly main: string;
  readonly ui: string;
  readonly documentAccess?: string;
  readonly networkAccess: { readonly allowedDomains: readonly string[] };
  readonly relaunchButtons?: readonly { readonly command: string; readonly name: string }[];
}

/** The parts that Figma reads, and what it would refuse. */
export function readManifest(text: string): FigmaManifest {
  const manifest = JSON.parse(text) as FigmaManifest;
  if (manifest.documentAccess !== 'dynamic-page')
    throw new Error('Manifest error: new plugins must have "documentAccess": "dynamic-page"');
  for (const domain of manifest.networkAccess.allowedDomains) {
    if (domain === 'none') continue;
    const { hostname } = new URL(domain);
    if (/^[\d.]+$|^\[/.test(hostname)) throw new Error(`Manifest error: ${domain} must not be an IP address`);
  }
  return manifest;
}

/** The policy of the frame that the plugin's page runs in: its own inline parts, and the addresses of the manifest. */
export function contentSecurityPolicy({ networkAccess }: FigmaManifest): string {
  const allowed = networkAccess.allowedDomains.filter((domain) => domain !== 'none');
  return [
    "default-src 'none'",
    "script-src 'unsafe-inline' blob:",
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    'worker-src blob:',
    `connect-src ${allowed.length === 0 ? "'none'" : allowed.join(' ')}`,
  ].join('; ');
}
