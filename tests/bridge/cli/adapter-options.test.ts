import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readControl, readHypernetwork, readLora } from '../../../bridge/cli/adapter-options.ts';

test('a control is read with all that can be said of it', () => {
  assert.deepEqual(
    readControl(
      'model=canny-sd15,image="my, sketch.png",kind=canny,strength=0.8,start=0,end=0.5,mode=prompt',
    ),
    {
      model: 'canny-sd15',
      image: 'my, sketch.png',
      kind: 'canny',
      strength: 0.8,
      start: 0,
      end: 0.5,
      mode: 'prompt',
    },
  );
  assert.deepEqual(readControl('image=a.png,preprocess=canny'), { image: 'a.png', preprocessor: 'canny' });
  assert.deepEqual(readControl('preprocess=canny:low-threshold=50:high=120.5'), {
    preprocessor: { name: 'canny', options: { lowThreshold: 50, high: 120.5 } },
  });
});

test('a LoRA is read with its strengths', () => {
  assert.deepEqual(readLora('model=film,strength=-1.5,text-encoder-strength=0'), {
    model: 'film',
    strength: -1.5,
    textEncoderStrength: 0,
  });
});

test('a hypernetwork is read with its strength', () => {
  assert.deepEqual(readHypernetwork('model=old.pt,strength=-10'), { model: 'old.pt', strength: -10 });
  assert.deepEqual(readHypernetwork('model=old.pt'), { model: 'old.pt' });
  assert.throws(() => readHypernetwork('model=a,strength=10.1'), /a number from -10 to 10/);
  assert.throws(() => readHypernetwork('strength=1'), /Expected model=NAME or model=FILE/);
});

test('strengths and shares hold at their limits and one past them', () => {
  for (const text of ['strength=0', 'strength=2', 'start=0', 'end=1', 'end=.5']) readControl(text);
  for (const text of [
    'strength=-0.01',
    'strength=2.01',
    'start=-0.01',
    'end=1.01',
    'strength=x',
    'strength=1e1',
  ]) {
    assert.throws(
      () => readControl(text),
      /Expected (strength|start|end) to be a number from 0 to [12]/,
      text,
    );
  }
  for (const strength of ['-10', '10']) readLora(`model=a,strength=${strength}`);
  for (const strength of ['-10.1', '10.1']) {
    assert.throws(() => readLora(`model=a,strength=${strength}`), /a number from -10 to 10/);
  }
});

test('words that are none are refused with those that are', () => {
  assert.throws(
    () => readControl('mode=soft'),
    /mode to be one of balanced, prompt, control, received "soft"/,
  );
  assert.throws(() => readControl('kind=edges'), /kind to be one of canny, /);
  assert.throws(() => readControl('preprocess=canny:low'), /such as canny:low-threshold=50/);
  assert.throws(() => readLora('strength=1'), /Expected model=NAME or model=FILE/);
});
