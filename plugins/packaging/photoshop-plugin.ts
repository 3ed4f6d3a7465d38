import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { photoshopManifest } from '../photoshop/manifest.ts';
import { buildConstants, bundleEntry } from './bundle.ts';
import { type BuiltPlugin, jsonFile, textFile } from './plugin-files.ts';
import type { SizeBudgets } from './size-budget.ts';

const source = 'plugins/photoshop';

/** A language level that the oldest Photoshop we install in (25.0) has for certain. */
const target = 'es2020';

export const photoshopBudgets: SizeBudgets = { 'main.js': 250_000 };

/**
 * Photoshop's plugin, as it is zipped to a .ccx. Everything lies at the root, where the manifest's `main` is looked for.
 *
 * @param version `x.y.z`.
 */
export async function buildPhotoshopPlugin(version: string): Promise<BuiltPlugin> {
  const [script, styles] = await Promise.all([
    bundleEntry(`${source}/main.tsx`, {
      // Photoshop's own modules are `require`d; the function around keeps our names out of the panel's globals.
      format: 'cjs',
      platform: 'browser',
      target,
      external: ['photoshop', 'uxp'],
      define: buildConstants(version),
      banner: { js: '(()=>{' },
      footer: { js: '})();' },
    }),
    bundleEntry(`${source}/main.css`, { target }),
  ]);
  const icons = readdirSync(`${source}/icons`)
    .filter((name) => name.endsWith('.png'))
    .map((name) => [`icons/${name}`, readFileSync(path.join(source, 'icons', name))] as const);
  const files = new Map<string, Uint8Array>([
    ['manifest.json', jsonFile(photoshopManifest(version))],
    ['index.html', readFileSync(`${source}/index.html`)],
    ['main.js', textFile(script.text)],
    ['main.css', textFile(styles.text)],
    ...icons,
    ['LICENSE', readFileSync('LICENSE')],
    ['NOTICE', readFileSync('NOTICE')],
  ]);
  return { files, inputs: [...script.inputs, ...styles.inputs] };
}
