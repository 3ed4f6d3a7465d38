import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readKeyValues } from '../../../bridge/cli/key-values.ts';

const keys = ['model', 'image', 'strength'] as const;
const read = (text: string) => readKeyValues(text, keys);

test('parts are read by their keys, in any order, with spaces around them', () => {
  assert.deepEqual(read('model=canny,strength=0.8'), { model: 'canny', strength: '0.8' });
  assert.deepEqual(read(' strength = 1 , image = a b.png '), { strength: '1', image: 'a b.png' });
  assert.deepEqual(read('image=a=b.png'), { image: 'a=b.png' });
  assert.deepEqual(read("image=it's.png,model=x"), { image: "it's.png", model: 'x' });
  assert.deepEqual(read('image=C:\\new\\x.png'), { image: 'C:\\new\\x.png' });
});

test('a value with a comma is quoted, or goes on where nothing else can begin', () => {
  assert.deepEqual(read('image="a, b=c.png",strength=1'), { image: 'a, b=c.png', strength: '1' });
  assert.deepEqual(read("image='a,b'"), { image: 'a,b' });
  assert.deepEqual(read('image=sketch, second.png,strength=1'), {
    image: 'sketch, second.png',
    strength: '1',
  });
});

test('what is no such part is one clear sentence', () => {
  const cases: readonly [string, RegExp][] = [
    ['strenght=1', /one of the keys model, image, strength, received "strenght=1"/],
    ['canny', /received "canny"/],
    ['', /received ""/],
    ['model=a,model=b', /Expected model once, received it twice/],
    ['model=', /Expected a value for model, received none/],
    ['model=,image=a', /Expected a value for model/],
    ['image="a,b', /Expected a second " after image="/],
    ['image=a,b=c.png', /received "b=c\.png"; a value with a comma needs quotes/],
  ];
  for (const [text, message] of cases) assert.throws(() => read(text), message, text);
});

test('whatever the values are, quoted they come back', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !text.includes('"') && text !== '');
  fc.assert(
    fc.property(value, value, (model, image) => {
      assert.deepEqual(read(`model="${model}",image="${image}"`), { model, image });
    }),
  );
});

test('any text is read, or refused by a sentence', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('model', 'image', '=', ',', '"', "'", ' ', 'a') }),
      (text) => {
        try {
          for (const value of Object.values(read(text))) assert.notEqual(value, '');
        } catch (error) {
          assert.match((error as Error).message, /^Expected .*\.$/s);
        }
      },
    ),
  );
});
