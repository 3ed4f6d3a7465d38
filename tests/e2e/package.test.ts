/** The package as it is published: what is in it, and that it works from wherever it is installed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { load, rectangleMask, save, waves } from './sample-pictures.ts';

const root = path.resolve(import.meta.dirname, '../..');
const maxPackageBytes = 80 * 10 ** 6;
/** What may be in the package besides its `dist/`. */
const allowedFiles = [
  /^package\.json$/,
  /^(README\.md|LICENSE|NOTICE)$/,
  /^models\/(catalog\.json|[\w.-]+\.safetensors)$/,
  /^styles\/[\w.-]+\.json$/,
  /^docs\/[\w./-]+\.(md|png|svg|jpg|webp)$/,
  /^dist\/plugins\/inlay-(photoshop\.ccx|figma\.zip)$/,
  /^dist\/plugins\/figma\/(manifest\.json|code\.js|ui\.html|LICENSE|NOTICE)$/,
];

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let installed: string;
let packed: Packed;
let metadata: { readonly name: string; readonly license: string; readonly bin: Record<string, string> };

/** npm as it runs this test, or else the one that comes with Node.js; never through a shell. */
function npm(args: readonly string[], cwd: string): string {
  const beside = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const onWindows = path.join(path.dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js');
  const cli = process.env.npm_execpath ?? (process.platform === 'win32' ? onWindows : beside);
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-package-'));
  // A copy is packed: the build that packing starts with would replace a `dist/` that is in use.
  const copy = path.join(folder, 'checkout');
  for (const entry of ['bridge', 'docs', 'engine', 'models', 'plugins', 'styles']) {
    await cp(path.join(root, entry), path.join(copy, entry), { recursive: true });
  }
  for (const entry of ['build.ts', 'package.json', 'tsconfig.json', 'LICENSE', 'NOTICE', 'README.md']) {
    await cp(path.join(root, entry), path.join(copy, entry)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
  const [answer] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], copy)) as Packed[];
  packed = answer as Packed;
  const { status } = spawnSync('tar', ['-xzf', packed.filename], { cwd: folder });
  assert.equal(status, 0);
  installed = path.join(folder, 'package');
  await symlink(path.join(root, 'node_modules'), path.join(installed, 'node_modules'), 'junction');
  metadata = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8'));
});
after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

test('it is small, Apache-2.0, and its program is called inlay', () => {
  assert.ok(packed.size < maxPackageBytes, `${packed.size} bytes`);
  assert.equal(metadata.license, 'Apache-2.0');
  assert.deepEqual(metadata.bin, { inlay: 'dist/inlay.js' });
});

test('it holds the build, the models and the documents, and neither sources nor tests', () => {
  const files = packed.files.map((file) => file.path);
  const foreign = files.filter(
    (file) =>
      !/^dist\/([\w-]+\.js(\.map)?|fill-core\.wasm|bpe_simple_vocab_16e6\.txt\.gz|web\/([\w-]+\/)?[\w-]+\.(html|js|js\.LEGAL\.txt|css|jpg))$/.test(
        file,
      ) && !allowedFiles.some((allowed) => allowed.test(file)),
  );
  assert.deepEqual(foreign, []);
  const needed = [
    ...[
      'LICENSE',
      'NOTICE',
      'models/catalog.json',
      'models/realesr-animevideov3.safetensors',
      'models/inlay-mini.safetensors',
      'models/inlay-mini-control-edges.safetensors',
    ],
    ...['dist/fill-core.wasm', 'dist/bpe_simple_vocab_16e6.txt.gz'],
    ...['index.html', 'main.js', 'main.css'].map((file) => `dist/web/${file}`),
    ...['inlay-photoshop.ccx', 'inlay-figma.zip', 'figma/manifest.json'].map(
      (file) => `dist/plugins/${file}`,
    ),
  ];
  const entries = ['inlay', 'engine', 'fill-thread', 'provider-trial'].map((name) => `dist/${name}.js`);
  assert.deepEqual(
    [...needed, ...entries].filter((file) => !files.includes(file)),
    [],
  );
});

test('it fills and upscales from another folder', async () => {
  const elsewhere = path.join(folder, 'pictures');
  await mkdir(elsewhere);
  const source = waves(64, 48);
  await save(source, path.join(elsewhere, 'a.png'));
  await save(
    rectangleMask(source, { left: 20, top: 10, width: 9, height: 8 }),
    path.join(elsewhere, 'm.png'),
  );
  const program = path.join(installed, metadata.bin.inlay as string);
  const runs = [
    ['fill', 'a.png', '--mask', 'm.png', '-o', 'filled.png'],
    ['upscale', 'a.png', '--scale', '2', '--model', 'realesr-animevideov3', '-o', 'large.png'],
  ];
  for (const args of runs) {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: elsewhere,
      env: { ...process.env, INLAY_HOME: path.join(folder, 'home'), INLAY_DEVICE: 'cpu' },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  }
  const filled = await load(path.join(elsewhere, 'filled.png'));
  assert.notDeepEqual(filled.data, source.data);
  assert.deepEqual(filled.data.subarray(0, 64 * 10 * 3), source.data.subarray(0, 64 * 10 * 3));
  const { width, height } = await load(path.join(elsewhere, 'large.png'));
  assert.deepEqual([width, height], [128, 96]);
});
