/** What Photoshop reads of a plugin's manifest, version 5, and the rules that it holds the plugin to. */
export interface EntryPoint {
  readonly type: 'panel' | 'command';
  readonly id: string;
}

export interface Manifest {
  readonly manifestVersion: number;
  readonly id: string;
  readonly main: string;
  readonly entrypoints: readonly EntryPoint[];
  readonly requiredPermissions?: {
    readonly network?: { readonly domains?: 'all' | readonly string[] };
    readonly launchProcess?: { readonly schemes?: readonly string[] };
  };
}

/** Throws where Photoshop would not register the plugin; it says nothing then. */
export function readManifest(text: string): Manifest {
  const manifest = JSON.parse(text) as Manifest & Readonly<Record<string, unknown>>;
  for (const field of ['id', 'name', 'version', 'host', 'main', 'entrypoints']) {
    if (manifest[field] === undefined) throw new Error(`The manifest has no "${field}".`);
  }
  if (manifest.manifestVersion !== 5) throw new Error('Expected a manifest of version 5.');
  if (Array.isArray(manifest.host)) throw new Error('An array as "host" works in the developer tool only.');
  return manifest;
}

/**
 * Whether the plugin may reach an address: one that is named letter for letter, with its scheme and port. `"all"` counts
 * as a string only; in an array it is a name like any other. Addresses of numbers are refused.
 */
export function mayReach({ requiredPermissions }: Manifest, address: string): boolean {
  const domains = requiredPermissions?.network?.domains ?? [];
  const url = new URL(address);
  if (/^[\d.]+$|^\[/.test(url.hostname)) return false;
  return domains === 'all' || domains.includes(`${url.protocol}//${url.host}`);
}

export function mayOpen({ requiredPermissions }: Manifest, address: string): boolean {
  const schemes = requiredPermissions?.launchProcess?.schemes ?? [];
  return schemes.includes(new URL(address).protocol.slice(0, -1));
}
