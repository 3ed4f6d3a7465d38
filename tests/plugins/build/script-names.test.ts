/** The built scripts use what their editor has, and nothing else: each has other gaps than a browser. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { buildFigmaPlugin } from '../../../plugins/packaging/figma-plugin.ts';
import { buildPhotoshopPlugin } from '../../../plugins/packaging/photoshop-plugin.ts';
import type { PluginFiles } from '../../../plugins/packaging/plugin-files.ts';
import { undeclaredNames } from './undeclared-names.ts';

/** Of the language as of 2020. Not `eval` and `Function`, which no editor lets a plugin use, and no WebAssembly. */
const language = [
  ...['Array', 'ArrayBuffer', 'Boolean', 'DataView', 'Date', 'Infinity', 'JSON', 'Map', 'Math', 'NaN'],
  ...['Number', 'Object', 'Promise', 'Proxy', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'WeakMap'],
  ...['WeakSet', 'Error', 'RangeError', 'SyntaxError', 'TypeError', 'Int8Array', 'Int16Array', 'Int32Array'],
  ...['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Float32Array', 'Float64Array'],
  ...['isFinite', 'isNaN', 'parseFloat', 'parseInt', 'decodeURIComponent', 'encodeURIComponent'],
];

const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'];

/** Preact's signals ask for it, by `window`, and do without. */
const devTools = '__PREACT_SIGNALS_DEVTOOLS__';

/**
 * Photoshop's UXP 7.2. Missing there, though browsers have them: TextEncoder and TextDecoder, atob and btoa,
 * structuredClone, Worker, createImageBitmap, OffscreenCanvas, matchMedia, crypto.subtle, MutationObserver.
 */
const uxp = [
  ...['window', 'document', 'console', 'require', 'localStorage', 'WebSocket', 'Event', 'CustomEvent'],
  ...['requestAnimationFrame', 'cancelAnimationFrame'],
  // Not there, and brought along by the plugin itself.
  'queueMicrotask',
  devTools,
];

/** Figma's own machine: no DOM, no network, no text codec. */
const figmaMain = ['figma', '__html__', 'console'];

/** A frame of no origin and with a policy: without storage, cookies, workers from files, and requests but by socket. */
const figmaFrame = [
  ...['window', 'parent', 'document', 'console', 'navigator', 'WebSocket', 'MessageChannel', 'Blob', 'URL'],
  ...[
    'requestAnimationFrame',
    'cancelAnimationFrame',
    'queueMicrotask',
    'addEventListener',
    'getComputedStyle',
  ],
  ...['OffscreenCanvas', 'createImageBitmap', 'ImageData', 'ResizeObserver', 'TextEncoder', 'TextDecoder'],
  devTools,
];

let photoshop: PluginFiles;
let figma: PluginFiles;
before(async () => {
  photoshop = (await buildPhotoshopPlugin('1.2.3')).files;
  figma = (await buildFigmaPlugin('1.2.3')).files;
});

function text(files: PluginFiles, name: string): string {
  return Buffer.from(files.get(name)!).toString('utf8');
}

/** What is between a page's script tags: exactly one script, which a browser would cut out the same way. */
function inlineScript(page: string): string {
  const [, script, ...others] = page.split(/<script>|<\/script>/i);
  assert.equal(others.length, 1, 'one script');
  return script!;
}

test('the finder of names sees through scopes, tests of existence, shorthands and the global object', () => {
  const script = `(() => {
    'use strict';
    class Own { #private = given; static { inStatic(); } }
    const { a: b = byDefault } = new Own(), own = { b, notFree: 1 };
    typeof asked !== 'undefined' && asked();
    for (const each of own.notFree) each.alsoNotFree;
    ({ shorthand }); globalThis.member; window.other; globalThis['byName']; \`\${inTemplate}\`;
    new Function('x'); eval('1'); (0, Function)('y'); require('photoshop');
    const globals = globalThis; globals.later; window.allowed; allowed();
    try {} catch (error) { error; } function f() { return arguments; }
    async function after() { return; unreachable; }
  })();`;
  assert.deepEqual(undeclaredNames(script, ['window', 'allowed', 'require']), [
    ...[
      'Function',
      'asked',
      'byDefault',
      'byName',
      'eval',
      'given',
      'inStatic',
      'inTemplate',
      'later',
      'member',
    ],
    ...['other', 'photoshop', 'shorthand', 'unreachable'],
  ]);
});

test("Photoshop's script uses what UXP has, and requires Photoshop's own modules", () => {
  const script = text(photoshop, 'main.js');
  assert.deepEqual(undeclaredNames(script, [...language, ...timers, ...uxp]), ['photoshop', 'uxp']);
});

test("Figma's main script uses what its machine has", () => {
  assert.deepEqual(undeclaredNames(text(figma, 'code.js'), [...language, ...timers, ...figmaMain]), []);
});

test("the script of Figma's page uses what a frame without origin has", () => {
  const script = inlineScript(text(figma, 'ui.html'));
  assert.deepEqual(undeclaredNames(script, [...language, ...timers, ...figmaFrame]), []);
});

test('no file reaches for an address of numbers, and none loads anything from elsewhere', () => {
  for (const files of [photoshop, figma]) {
    for (const name of files.keys()) {
      if (!/\.(js|html|css|json)$/.test(name)) continue;
      const content = text(files, name);
      assert.doesNotMatch(content, /\b(https?|wss?):\/\/(\d|\[)/, name);
      assert.doesNotMatch(content, /@import|url\(\s*["']?(https?:)?\/\//, name);
      assert.doesNotMatch(content, /sourceMappingURL/, name);
      assert.doesNotMatch(content, /<(script|link)[^>]*(https?:)?\/\//, name);
    }
  }
});
