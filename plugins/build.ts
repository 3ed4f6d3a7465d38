/**
 * Builds the editors' plugins to `dist/plugins`: `inlay-photoshop.ccx`, which installs by double click, and Figma's folder,
 * to import from its manifest, also as a zip. `tsx plugins/build.ts FOLDER` builds to another folder. Sizes are told on
 * stderr: what packs the npm package speaks JSON on stdout.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildFigmaPlugin, figmaBudgets } from './packaging/figma-plugin.ts';
import { assertNoticed } from './packaging/notice.ts';
import { buildPhotoshopPlugin, photoshopBudgets } from './packaging/photoshop-plugin.ts';
import type { PluginFiles } from './packaging/plugin-files.ts';
import { overBudget, type SizeBudgets } from './packaging/size-budget.ts';
import { zip } from './packaging/zip.ts';

const outdir = process.argv[2] ?? path.join('dist', 'plugins');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

const photoshop = await buildPhotoshopPlugin(version);
const figma = await buildFigmaPlugin(version);
assertNoticed([...photoshop.inputs, ...figma.inputs]);

rmSync(outdir, { recursive: true, force: true });
mkdirSync(path.join(outdir, 'figma'), { recursive: true });
for (const [name, bytes] of figma.files) writeFileSync(path.join(outdir, 'figma', name), bytes);
write('inlay-photoshop.ccx', zip(photoshop.files));
write('inlay-figma.zip', zip(figma.files));

tellSizes(photoshop.files, photoshopBudgets);
tellSizes(figma.files, figmaBudgets);

function write(name: string, bytes: Uint8Array): void {
  const file = path.join(outdir, name);
  writeFileSync(file, bytes);
  console.error(`${file}: ${inKilobytes(bytes.length)}`);
}

/** Over its budget a build fails, though what was built is there to be looked at. */
function tellSizes(files: PluginFiles, budgets: SizeBudgets): void {
  for (const [name, maxBytes] of Object.entries(budgets)) {
    console.error(`  ${name}: ${inKilobytes(files.get(name)!.length)} of at most ${inKilobytes(maxBytes)}`);
  }
  for (const problem of overBudget(files, budgets)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
