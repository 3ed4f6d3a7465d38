/** What `npm run build:plugins` writes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { inlined } from '../../../plugins/packaging/figma-plugin.ts';
import { assertNoticed } from '../../../plugins/packaging/notice.ts';
import { overBudget } from '../../../plugins/packaging/size-budget.ts';
import { zip } from '../../../plugins/packaging/zip.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const folder = await temporaryFolder({ after });

/** Builds into a folder of its own, where it is as late as the time zone says. */
function build(timeZone: string): string {
  const outdir = path.join(folder, timeZone.replace('/', '-'));
  // What an earlier version left there goes.
  mkdirSync(outdir, { recursive: true });
  writeFileSync(path.join(outdir, 'inlay-sketch.zip'), '');
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'plugins/build.ts', outdir], {
    encoding: 'utf8',
    env: { ...process.env, TZ: timeZone },
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /main\.js: [\d.]+ kB of at most 250\.0 kB/);
  assert.match(stderr, /code\.js: [\d.]+ kB of at most 60\.0 kB/);
  return outdir;
}

let outdir: string;
before(() => {
  outdir = build('Asia/Tokyo');
});

function unzipped(name: string): Record<string, Uint8Array> {
  return unzipSync(readFileSync(path.join(outdir, name)));
}

test('it writes a .ccx, the Figma folder and its zip, and leaves nothing of an earlier build', () => {
  assert.deepEqual(readdirSync(outdir).sort(), ['figma', 'inlay-figma.zip', 'inlay-photoshop.ccx']);
  assert.deepEqual(readdirSync(path.join(outdir, 'figma')).sort(), [
    'LICENSE',
    'NOTICE',
    'code.js',
    'manifest.json',
    'ui.html',
  ]);
});

test('the .ccx is a plain zip with the manifest at its root', () => {
  const icons = ['panel-dark', 'panel-light', 'plugin'].flatMap((name) =>
    [1, 2].map((scale) => `icons/${name}@${scale}x.png`),
  );
  assert.deepEqual(
    Object.keys(unzipped('inlay-photoshop.ccx')),
    ['LICENSE', 'NOTICE', 'index.html', 'main.css', 'main.js', 'manifest.json', ...icons].sort(),
  );
});

test("Figma's zip holds its folder", () => {
  for (const [name, bytes] of Object.entries(unzipped('inlay-figma.zip'))) {
    assert.deepEqual(Buffer.from(bytes), readFileSync(path.join(outdir, 'figma', name)), name);
  }
});

test('the plugins say the version of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  const files = unzipped('inlay-photoshop.ccx');
  assert.equal(JSON.parse(Buffer.from(files['manifest.json']!).toString()).version, version);
  assert.ok(Buffer.from(files['main.js']!).includes(JSON.stringify(version)));
  assert.ok(Buffer.from(unzipped('inlay-figma.zip')['ui.html']!).includes(JSON.stringify(version)));
});

test('a second build, in another time zone, is the same in every byte', () => {
  const again = build('America/New_York');
  for (const name of ['inlay-photoshop.ccx', 'inlay-figma.zip']) {
    assert.ok(readFileSync(path.join(outdir, name)).equals(readFileSync(path.join(again, name))), name);
  }
});

test('a zip holds its files whatever their order', () => {
  const names = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?$/);
  fc.assert(
    fc.property(fc.dictionary(names, fc.uint8Array(), { noNullPrototype: true }), (files) => {
      const entries = Object.entries(files);
      const packed = zip(new Map(entries));
      assert.deepEqual({ ...unzipSync(packed) }, files);
      assert.deepEqual(zip(new Map(entries.reverse())), packed);
    }),
  );
});

test('a script or styles that would end their own tag are not inlined, nor is a page without their tags', () => {
  const page = '<link rel="stylesheet" href="main.css"><script src="main.js"></script>';
  const parts = { script: "'$&'", styles: 'a{}' };
  assert.equal(inlined(page, parts), "<style>a{}</style><script>'$&'</script>");
  assert.throws(() => inlined(page, { ...parts, script: '"</ScRiPt >"' }), /script without/);
  assert.throws(() => inlined(page, { ...parts, script: '"<!--"' }), /script without/);
  assert.throws(() => inlined(page, { ...parts, styles: 'a{content:"</style>"}' }), /styles without/);
  assert.throws(() => inlined('<p></p>', parts), /link its parts/);
  assert.throws(() => inlined(page + page, parts), /link its parts/);
});

test('a file may take its budget, and not a byte more', () => {
  const files = new Map([['main.js', new Uint8Array(10)]]);
  assert.deepEqual(overBudget(files, { 'main.js': 10 }), []);
  assert.match(overBudget(files, { 'main.js': 9 }).join(), /main\.js to be at most 9 bytes, received 10/);
});

test('a package that NOTICE does not name may not be bundled', () => {
  assertNoticed(['plugins/photoshop/main.tsx', 'node_modules/preact/dist/preact.mjs']);
  assert.throws(
    () => assertNoticed(['../node_modules/@scope/unknown/index.js']),
    /NOTICE to name "@scope\/unknown"/,
  );
});
