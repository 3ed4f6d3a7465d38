import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { EngineTask, GenerateTask } from '../../../engine/api.ts';
import { maxListBytes, tasksOfChoices } from '../../../engine/pipelines/prompt-choices.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

function generate(
  prompt: string,
  more: Partial<GenerateTask> & { negativePrompt?: string } = {},
): GenerateTask {
  const { negativePrompt = '', ...fields } = more;
  return {
    operation: 'generate',
    model: { name: 'tiny' },
    output: { format: 'png', quality: 90 },
    seed: 5,
    count: 1,
    width: 64,
    height: 64,
    ...fields,
    diffusion: {
      prompt,
      negativePrompt,
      scheduler: 'ddim',
      numInferenceSteps: 1,
      guidanceScale: 1,
      guidanceRescale: 0,
      rng: 'cpu',
      clipSkip: 1,
      highResolution: 'off',
      highResolutionStrength: 0.5,
    },
  };
}

async function promptsOf(task: EngineTask, folder?: string): Promise<readonly string[]> {
  return ((await tasksOfChoices(task, folder)) ?? []).map(({ words }) => words.prompt);
}

test('a task without choices stays one task', async () => {
  assert.equal(await tasksOfChoices(generate('a {red} [house|barn]', { count: 3 }), undefined), undefined);
  const { diffusion: _, ...undrawn } = generate('');
  const upscale = { ...undrawn, operation: 'upscale', target: { scale: 2 } } as unknown as EngineTask;
  assert.equal(await tasksOfChoices(upscale, undefined), undefined);
});

test('[J23] each picture of a batch has a choice of its own, that which its seed alone would have', async () => {
  const prompt = '{a|b|c|d|e|f|g|h} {1|2|3|4|5|6|7|8}';
  const all = await promptsOf(generate(prompt, { seed: 2 ** 32 - 3, count: 8 }));
  assert.equal(all.length, 8);
  assert.ok(new Set(all).size > 4);
  const alone = await promptsOf(generate(prompt, { seed: 1 }));
  assert.deepEqual(all.slice(4, 5), alone);
});

test('tasks are of one picture each, and their recipes tell what was chosen beside what was asked', async () => {
  const task = generate('a {red|red} house', {
    count: 2,
    negativePrompt: '{blur|blur}',
    recipe: { prompt: 'a {red|red} house', seed: 5 },
  });
  const tasks = (await tasksOfChoices(task, undefined))!;
  const words = { prompt: 'a red house', negativePrompt: 'blur' };
  assert.deepEqual(
    tasks.map(({ task: own }) =>
      own.operation === 'generate' ? [own.seed, own.count, own.diffusion.prompt] : [],
    ),
    [
      [5, 1, 'a red house'],
      [6, 1, 'a red house'],
    ],
  );
  assert.deepEqual(tasks[0]!.words, words);
  assert.deepEqual(tasks[0]!.task.recipe, { prompt: 'a {red|red} house', seed: 5, chosenWords: words });
});

test('over many seeds every part comes about as often as the others, as its weight says', async () => {
  const count = 4_000;
  const all = await promptsOf(generate('{2::a|b|c}', { count }));
  const share = (word: string) => all.filter((prompt) => prompt === word).length / count;
  for (const [word, expected] of [
    ['a', 0.5],
    ['b', 0.25],
    ['c', 0.25],
  ] as const) {
    assert.ok(Math.abs(share(word) - expected) < 0.03, `${word}: ${share(word)}`);
  }
});

test('lists are read from the folder, and from its folders, with what their lines ask for', async (context) => {
  const folder = await temporaryFolder(context);
  await mkdir(path.join(folder, 'places'));
  await writeFile(path.join(folder, 'thing.txt'), '# things\r\n\r\n  __places/far__ house \r\n');
  await writeFile(path.join(folder, 'places', 'far.txt'), 'distant');
  assert.deepEqual(await promptsOf(generate('a __thing__, __none__'), folder), ['a distant house, __none__']);
  assert.deepEqual(await promptsOf(generate('a __thing__')), ['a __thing__']);
});

test('a list at its limit is read, one past it is refused', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(path.join(folder, 'full.txt'), `x${'\n'.repeat(maxListBytes - 1)}`);
  await writeFile(path.join(folder, 'over.txt'), `x${'\n'.repeat(maxListBytes)}`);
  assert.deepEqual(await promptsOf(generate('__full__'), folder), ['x']);
  await assert.rejects(
    promptsOf(generate('__over__'), folder),
    /list of words of 1048576 bytes at most.*received 1048577/,
  );
});
