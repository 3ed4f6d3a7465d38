/** What steers a model that draws from words, as the shared components of `components.test.ts`. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { maxHypernetworks } from '../../../../bridge/protocol/limits.ts';
import { skipWithoutBrowser } from '../../../browser.ts';
import { eventuallyEqual, narrowPanel, Stages } from './stage.ts';

describe('fields of a drawing', { skip: skipWithoutBrowser, concurrency: 2 }, () => {
  let stages: Stages;
  before(async () => {
    stages = await Stages.build();
  });
  after(() => stages?.close());

  test('a prompt grows with its lines, Enter runs it, and the arrow keys bring back those of before', async (context) => {
    const { page, show, heard } = await stages.open(context);
    await page.setViewportSize(narrowPanel);
    await show('words');
    const field = page.getByRole('textbox', { name: 'Prompt' });
    const height = async () => (await field.boundingBox())!.height;
    const oneLine = await height();
    await field.fill('a house');
    await field.press('Shift+Enter');
    await field.pressSequentially('a tree');
    assert.equal(await height(), oneLine + 20);
    await field.press('Enter');
    assert.deepEqual(await heard(), [['run']]);
    assert.equal(await field.inputValue(), 'a house\na tree');
    await field.press('Home');
    await field.press('ArrowUp');
    assert.equal(await field.inputValue(), 'a house\na tree', 'there is a line above');
    await field.press('ArrowUp');
    await eventuallyEqual(() => field.inputValue(), 'a meadow');
    assert.equal(await height(), oneLine);
    await field.press('ArrowUp');
    await eventuallyEqual(() => field.inputValue(), 'a hill');
    await field.press('ArrowDown');
    await field.press('ArrowDown');
    await eventuallyEqual(() => field.inputValue(), 'a house\na tree');
  });

  test('a name of an embedding is offered while it is written, and the field keeps the focus', async (context) => {
    const { page, show } = await stages.open(context);
    await show('words');
    const field = page.getByRole('textbox', { name: 'Prompt' });
    await field.pressSequentially('a tree, we');
    await page.getByRole('button', { name: 'wet-ink' }).click();
    await page.keyboard.type(', soft');
    assert.equal(await field.inputValue(), 'a tree, wet-ink, soft');
    assert.equal(await page.getByRole('group', { name: 'Embeddings' }).count(), 0);
  });

  test('what a checkpoint likes to be told is a press away: its words, and tags in its order', async (context) => {
    const { page, show } = await stages.open(context);
    await show('words');
    const field = page.getByRole('textbox', { name: 'Prompt' });
    const sort = page.getByRole('button', { name: 'Put the tags in order' });
    await field.fill('night, ');
    assert.equal(await sort.count(), 0);
    await field.fill('night, masterpiece, 1girl');
    await sort.click();
    assert.equal(await field.inputValue(), '1girl, night, masterpiece');
    assert.equal(await sort.count(), 0);
    await field.fill('night');
    await page.getByRole('button', { name: 'Add quality tags' }).click();
    assert.equal(await field.inputValue(), 'night, masterpiece, best quality');
    await page.getByText('In this order: 1girl or 1boy, character').waitFor();
  });

  test('what few need opens, and a size in pixels begins with what the model likes', async (context) => {
    const { page, show } = await stages.open(context);
    await show('words');
    assert.equal(await page.getByRole('combobox', { name: 'Drawn at' }).count(), 0);
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByRole('combobox', { name: 'VAE' }).selectOption('soft');
    await page.getByRole('combobox', { name: 'Drawn at' }).selectOption('a size in pixels');
    const width = page.getByRole('spinbutton', { name: 'Width' });
    assert.equal(await width.inputValue(), '512');
    await width.fill('603');
    await width.press('Enter');
    assert.equal(await width.inputValue(), '600');
    assert.equal(await page.getByRole('combobox', { name: 'VAE' }).inputValue(), 'soft');
  });

  test('what works beside a model is offered where it is there: a refiner, words of a LoRA, a scheduler that no list has', async (context) => {
    const { page, root, show, heard } = await stages.open(context);
    const said = async () => ((await heard()).at(-1) as [string, Record<string, unknown>])[1];
    await show('large');
    assert.match(await root.innerText(), /The prompt names it too: both strengths count/);
    await page.getByRole('button', { name: 'wet paper' }).click();
    assert.equal((await said()).prompt, 'a cat, <lora:inky:0.5>, wet paper');
    assert.equal(await page.getByRole('button', { name: 'wet paper' }).count(), 0);
    await page.getByRole('button', { name: 'Details' }).click();
    await page.getByRole('spinbutton', { name: 'Of the text encoder' }).fill('0.4');
    await page.getByRole('spinbutton', { name: 'Of the text encoder' }).press('Enter');
    assert.deepEqual((await said()).loras, [{ model: 'inky', strength: 1, textEncoderStrength: 0.4 }]);

    await page.getByRole('combobox', { name: 'Refiner' }).selectOption('finish');
    await page.getByRole('slider', { name: 'Refine at' }).fill('65');
    assert.deepEqual((await said()).refiner, { model: 'finish', ratio: 0.65 });

    await page.getByRole('button', { name: 'Advanced' }).click();
    const scheduler = page.getByRole('combobox', { name: 'Scheduler' });
    assert.equal(await scheduler.inputValue(), 'euler-trailing');
    await scheduler.selectOption('ddim');
    assert.equal((await said()).scheduler, 'ddim');
    await scheduler.selectOption('euler-trailing');
    assert.equal((await said()).scheduler, undefined);

    const timesteps = page.getByRole('textbox', { name: 'Timesteps' });
    await timesteps.fill('999, 499');
    assert.deepEqual((await said()).timesteps, [999, 499]);
    await timesteps.fill('999, 1000');
    assert.equal((await said()).timesteps, undefined);
    assert.equal(await timesteps.inputValue(), '999, 1000');
    assert.match(await root.innerText(), /each below the one before/);
    await timesteps.fill('');
    assert.equal(await page.getByText('each below the one before').count(), 0);

    const size = page.getByRole('combobox', { name: 'Size' });
    assert.equal(await size.locator('option:checked').innerText(), 'one of your own');
    await size.selectOption('1216 × 832');
    assert.deepEqual(await size.locator('option').allInnerTexts(), ['1024 × 1024', '1216 × 832']);

    await show('large', { isAlone: true });
    assert.equal(await page.getByRole('combobox', { name: /Refiner|LoRA|Hypernetwork/ }).count(), 0);
  });

  test('hypernetworks are chosen as LoRAs are, several at once, as many of each as the limits have', async (context) => {
    const { page, show, heard } = await stages.open(context);
    const said = async () => ((await heard()).at(-1) as [string, Record<string, unknown>])[1];
    const [loras, hypernetworks] = ['LoRA', 'Hypernetwork'].map((name) =>
      page.getByRole('combobox', { name, exact: true }),
    );
    await show('large', { maxLoras: 2 });
    await hypernetworks!.selectOption('mood');
    const mood = page.getByRole('group', { name: 'Hypernetwork mood' });
    assert.equal(await mood.getByRole('button', { name: 'Details' }).count(), 0);
    await mood.getByRole('spinbutton', { name: 'mood' }).fill('-0.4');
    await mood.getByRole('spinbutton', { name: 'mood' }).press('Enter');
    await hypernetworks!.selectOption('mood-1');
    const first = { model: 'mood', strength: -0.4 };
    assert.deepEqual((await said()).hypernetworks, [first, { model: 'mood-1', strength: 1 }]);
    await page.getByRole('button', { name: 'Remove Hypernetwork mood-1' }).click();
    assert.deepEqual((await said()).hypernetworks, [first]);
    for (let index = 1; index < maxHypernetworks; index++) await hypernetworks!.selectOption(`mood-${index}`);
    assert.equal(((await said()).hypernetworks as unknown[]).length, maxHypernetworks);
    assert.equal(await hypernetworks!.innerText(), 'no more');

    await loras!.selectOption('grain');
    assert.deepEqual((await said()).loras, [
      { model: 'inky', strength: 1 },
      { model: 'grain', strength: 1 },
    ]);
    assert.equal(await loras!.innerText(), 'no more');

    await show('words');
    await page.getByText('Seed 7 · ink-lines 0.6 · mood 1').waitFor();
  });

  test('a seed is kept from a result, or left to chance again', async (context) => {
    const { page, show } = await stages.open(context);
    await show('words');
    const seed = page.getByRole('spinbutton', { name: 'Seed' });
    await page.getByRole('button', { name: 'Keep the seed of this result' }).click();
    assert.equal(await seed.inputValue(), '77');
    await page.getByRole('button', { name: 'Another seed each time' }).click();
    assert.equal(await seed.inputValue(), '');
  });
});
