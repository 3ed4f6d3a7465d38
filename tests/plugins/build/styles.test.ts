/** Photoshop's panels know less of CSS than a browser: what the built styles rely on. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { buildPhotoshopPlugin } from '../../../plugins/packaging/photoshop-plugin.ts';

interface Rule {
  readonly selector: string;
  readonly declarations: readonly (readonly [property: string, value: string])[];
}

let rules: readonly Rule[];
before(async () => {
  const { files } = await buildPhotoshopPlugin('1.2.3');
  rules = rulesOf(Buffer.from(files.get('main.css')!).toString('utf8'));
});

/** Of minified styles; rules in `@media` and `@keyframes` are read as if they stood alone. */
function rulesOf(css: string): Rule[] {
  return [...css.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selector, body]) => ({
    selector: selector!.trim(),
    declarations: body!
      .split(';')
      .filter(Boolean)
      .map((declaration) => {
        const colon = declaration.indexOf(':');
        return [declaration.slice(0, colon).trim(), declaration.slice(colon + 1)] as const;
      }),
  }));
}

/** The colours and sizes that every editor may set; their defaults are for browsers. */
const isDefaults = ({ selector }: Rule) => selector === ':where(:root)';

test('no layout or type is asked for that they do not have', () => {
  assert.ok(rules.length > 50, `${rules.length} rules were read`);
  const unknown =
    /^(grid|grid-.*|gap|row-gap|column-gap|float|text-transform|font|aspect-ratio|inset|place-.*|columns)$/;
  const found = rules.flatMap(({ selector, declarations }) =>
    declarations
      .filter(([property, value]) => unknown.test(property) || /^(inline-)?grid$/.test(value))
      .map(([property, value]) => `${selector} { ${property}: ${value} }`),
  );
  assert.deepEqual(found, []);
});

test('every colour and size of the shared components is set in the colours of Photoshop', () => {
  const named = (ofRules: readonly Rule[]) =>
    ofRules.flatMap(({ declarations }) =>
      declarations.map(([property]) => property).filter((name) => name.startsWith('--inlay-')),
    );
  const defaults = named(rules.filter(isDefaults));
  assert.ok(defaults.length > 0);
  const set = named(rules.filter(({ selector }) => selector === ':root'));
  assert.deepEqual(
    defaults.filter((name) => !set.includes(name)),
    [],
  );
  const used = rules.flatMap(({ declarations }) =>
    declarations.flatMap(([, value]) =>
      [...value.matchAll(/var\((--inlay-[\w-]+)/g)].map((match) => match[1]!),
    ),
  );
  assert.deepEqual(
    [...new Set(used)].filter((name) => !set.includes(name)),
    [],
  );
});

test('colours by theme come from Photoshop, not from light-dark()', () => {
  const found = rules
    .filter((rule) => !isDefaults(rule))
    .filter(({ declarations }) => declarations.some(([, value]) => value.includes('light-dark(')));
  assert.deepEqual(found, []);
});
