import { readFileSync } from 'node:fs';
import { figmaManifest } from '../figma/manifest.ts';
import { buildConstants, bundleEntry } from './bundle.ts';
import { type BuiltPlugin, jsonFile, textFile } from './plugin-files.ts';
import type { SizeBudgets } from './size-budget.ts';

const source = 'plugins/figma';

export const figmaBudgets: SizeBudgets = { 'code.js': 60_000 };

/**
 * Figma's plugin: a folder to import from its manifest. Its page can load nothing, so that script and styles are in it.
 *
 * @param version `x.y.z`; Figma's manifest has no place for it.
 */
export async function buildFigmaPlugin(version: string): Promise<BuiltPlugin> {
  const define = buildConstants(version);
  const [main, script, styles] = await Promise.all([
    // Figma's own JavaScript machine, without a DOM.
    bundleEntry(`${source}/main/main.ts`, { format: 'iife', define, platform: 'neutral', target: 'es2020' }),
    bundleEntry(`${source}/ui/main.tsx`, { format: 'iife', define, platform: 'browser', target: 'es2022' }),
    bundleEntry(`${source}/ui/main.css`, { target: 'es2022' }),
  ]);
  const page = inlined(readFileSync(`${source}/ui/index.html`, 'utf8'), {
    script: script.text,
    styles: styles.text,
  });
  const files = new Map<string, Uint8Array>([
    ['manifest.json', jsonFile(figmaManifest())],
    ['code.js', textFile(main.text)],
    ['ui.html', textFile(page)],
    ['LICENSE', readFileSync('LICENSE')],
    ['NOTICE', readFileSync('NOTICE')],
  ]);
  return { files, inputs: [...main.inputs, ...script.inputs, ...styles.inputs] };
}

/**
 * A page with its script and styles in the places of the tags that link them.
 *
 * @throws Error for a page that links neither, and for texts that would end their own tag (esbuild escapes them in strings).
 */
export function inlined(
  page: string,
  { script, styles }: { readonly script: string; readonly styles: string },
): string {
  if (/<\/script|<!--/i.test(script))
    throw new Error('Expected a script without "</script" and "<!--" to inline');
  if (/<\/style/i.test(styles)) throw new Error('Expected styles without "</style" to inline');
  const tags = [
    ['<link rel="stylesheet" href="main.css">', `<style>${styles.trim()}</style>`],
    ['<script src="main.js"></script>', `<script>${script.trim()}</script>`],
  ] as const;
  let whole = page;
  for (const [tag, inline] of tags) {
    const parts = whole.split(tag);
    if (parts.length !== 2) throw new Error(`Expected the page to link its parts by one ${tag}`);
    whole = parts.join(inline);
  }
  return whole;
}
