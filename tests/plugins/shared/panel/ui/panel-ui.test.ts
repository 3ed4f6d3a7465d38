/** The panel in a real browser, as narrow as panels are, on the real server. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { echo, Gate, type Script, sourceOf } from '../../../../bridge/scripted-engine.ts';
import { launchBrowser, skipWithoutBrowser } from '../../../../browser.ts';
import { buildPanelPage, openPanelTab, type PanelTab, type PanelTabOptions } from './panel-tab.ts';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const recipe = {
  operation: 'fill',
  request: {
    operation: 'fill',
    prompt: 'a red kite over the sea',
    seed: 40,
    count: 1,
    model: 'dreamscape-1.5',
  },
  place: { layer: 'earlier' },
  count: 3,
  createdAt: 0,
};
/** A black picture as the map of any. */
const mapOf = async (task: Parameters<Script>[0], { onResult }: Parameters<Script>[1]): Promise<void> => {
  const { width = 1, height = 1 } = sourceOf(task);
  const black = { create: { width, height, channels: 3, background: '#000' } } as const;
  const bytes = Uint8Array.from(await sharp(black).png().toBuffer());
  const bounds = { left: 0, top: 0, width, height };
  onResult({ index: 0, role: 'picture', seed: 0, format: 'png', bounds, content: { bytes } });
};

const history = [
  { id: 'a', recipe, documentName: 'Poster' },
  {
    id: 'b',
    recipe: { ...recipe, operation: 'upscale', request: { operation: 'upscale', scale: 2 } },
    documentName: 'Flyer',
  },
];

describe('the panel', { skip: skipWithoutBrowser, concurrency: 2 }, () => {
  let browser: Browser;
  let pageFolder: string;

  before(async () => {
    [browser, pageFolder] = await Promise.all([launchBrowser(), buildPanelPage()]);
  });
  after(async () => {
    await browser?.close();
    await rm(pageFolder, { recursive: true, force: true });
  });

  const openTab = (context: TestContext, options: Omit<PanelTabOptions, 'pageFolder'> = {}) =>
    openPanelTab(context, browser, { pageFolder, ...options });

  /** What the scripted editor was given. */
  const insertions = ({ page }: PanelTab) =>
    page.evaluate<{ place: unknown; request: { seed?: number; prompt?: string } }[]>(
      'host.insertions.map(({ place, order }) => ({ place, request: order.request }))',
    );

  /** The page's policy lets nothing be evaluated in it while it waits. */
  const until = async ({ page }: PanelTab, condition: string) => {
    while (!(await page.evaluate(condition))) await page.waitForTimeout(20);
  };
  const untilInserted = (tab: PanelTab, count: number) => until(tab, `host.insertions.length === ${count}`);

  test('by keyboard alone: words, Enter, and the result is in its place and read out', async (context) => {
    const tab = await openTab(context);
    await tab.open();
    const { page } = tab;
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    await prompt.waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Create');
    // Three views, then what to do, then the words.
    for (let press = 0; press < 8; press++) await page.keyboard.press('Tab');
    await page.keyboard.type('a kite');
    assert.equal(await prompt.inputValue(), 'a kite');
    await page.keyboard.press('Enter');
    await untilInserted(tab, 1);
    assert.equal((await insertions(tab))[0]?.request.prompt, 'a kite');
    await page.getByRole('status').filter({ hasText: 'Done: 3 pictures.' }).waitFor();
    await prompt.fill('');
    await page.keyboard.press('ArrowUp');
    assert.equal(await prompt.inputValue(), 'a kite');
  });

  test('a job shows its preview, and is stopped with what has arrived by a button or Escape', async (context) => {
    const gate = new Gate();
    const jpeg = await sharp({ create: { width: 20, height: 15, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
    const script: Script = async (task, events, signal) => {
      assert.ok('count' in task);
      await echo({ ...task, count: 1 }, events, signal);
      const bounds = { left: 0, top: 0, width: 16, height: 12 };
      events.onPreview({ bounds, width: 20, height: 15, jpeg });
      await gate.pass(signal);
    };
    const tab = await openTab(context, { script });
    await tab.open();
    const { page } = tab;
    await page.getByRole('button', { name: 'Remove' }).first().click();
    const run = page.getByRole('button', { name: 'Remove' }).last();
    await run.click();
    const preview = page.getByRole('img', { name: 'What it looks like so far' });
    await preview.waitFor();
    await until(tab, 'document.querySelector("img")?.naturalWidth === 20');
    assert.match(await page.locator('.inlay-card').innerText(), /1 picture is here/);
    await page.getByRole('button', { name: 'Stop and keep' }).click();
    await untilInserted(tab, 1);
    await run.click();
    await preview.waitFor();
    await page.getByRole('button', { name: 'Stop and keep' }).waitFor();
    await page.keyboard.press('Escape');
    await untilInserted(tab, 2);
    await page.locator('.inlay-card').waitFor({ state: 'detached' });
  });

  test('pictures that the editor cannot take wait for another try', async (context) => {
    const tab = await openTab(context);
    await tab.open();
    const { page } = tab;
    await page.evaluate(
      'host.onInsert = async () => { throw Object.assign(new Error("The document has been closed.")) }',
    );
    await page.getByRole('button', { name: 'Fill' }).last().click();
    const alert = page.getByRole('alert').filter({ hasText: 'The document has been closed.' });
    await alert.waitFor();
    assert.match(await alert.innerText(), /kept until they are inserted or discarded/);
    await page.evaluate('host.onInsert = async () => ({})');
    await page.getByRole('button', { name: 'Insert again' }).click();
    await untilInserted(tab, 1);
    await alert.waitFor({ state: 'detached' });
  });

  test('a selected result goes on: more like it, a re-roll, and edited in its place', async (context) => {
    const tab = await openTab(context);
    await tab.open();
    const { page } = tab;
    await page.getByRole('textbox', { name: 'Prompt' }).waitFor();
    await page.evaluate(`host.target.value = { ...host.target.value, recipe: ${JSON.stringify(recipe)} }`);
    const card = page.getByRole('group', { name: 'The selected result' });
    assert.match(await card.innerText(), /a red kite over the sea\s+Fill · seed 40 · dreamscape-1\.5/);
    await card.getByRole('button', { name: 'More like this' }).click();
    await untilInserted(tab, 1);
    await card.getByRole('button', { name: 'Re-roll' }).click();
    await untilInserted(tab, 2);
    await card.getByRole('button', { name: 'Edit' }).click();
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    assert.equal(await prompt.inputValue(), 'a red kite over the sea');
    await prompt.fill('a green kite');
    // The button, not the one on the card, which is away.
    await page.getByRole('button', { name: 'Generate again' }).click();
    await untilInserted(tab, 3);
    const made = await insertions(tab);
    assert.deepEqual(
      made.map(({ place, request }) => [place, request.seed, request.prompt]),
      [
        [recipe.place, 43, 'a red kite over the sea'],
        // JSON has no undefined.
        [recipe.place, undefined, 'a red kite over the sea'],
        [recipe.place, 40, 'a green kite'],
      ],
    );
    await page.getByRole('button', { name: 'Leave its place' }).click();
    await card.waitFor();
  });

  test('the history is searched, used again, shown, and cleared when that is confirmed', async (context) => {
    const tab = await openTab(context);
    await tab.open({ history });
    const { page } = tab;
    await page.getByRole('button', { name: 'History' }).click();
    const entries = page.locator('.inlay-card');
    assert.equal(await entries.count(), 2);
    await page.getByRole('textbox', { name: 'Search' }).fill('kite poster');
    await until(tab, 'document.querySelectorAll(".inlay-card").length === 1');
    await page.getByRole('button', { name: 'Show it in the document' }).click();
    assert.deepEqual(await page.evaluate('host.revealed'), [recipe.place]);
    await page.getByRole('button', { name: 'Use these settings' }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Prompt' }).inputValue(), 'a red kite over the sea');
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('button', { name: 'Run again in its place' }).first().click();
    await untilInserted(tab, 1);
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('button', { name: 'Clear history' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    assert.equal(await entries.count(), 3);
    await page.getByRole('button', { name: 'Clear history' }).click();
    await page.getByRole('button', { name: 'Clear it all' }).click();
    await page.getByText('What you make is listed here').waitFor();
  });

  test('a control is added by keyboard, says what is missing, and goes with the job; its map is shown and becomes a layer', async (context) => {
    const script: Script = (task, events, signal) =>
      task.operation === 'control-map' ? mapOf(task, events) : echo(task, events, signal);
    const tab = await openTab(context, { script });
    await tab.open();
    const { page } = tab;
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    await prompt.fill('a boat');
    const fold = page.getByRole('button', { name: 'Controls' });
    await fold.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Add a control');
    await page.keyboard.press('Enter');
    const card = page.getByRole('group', { name: 'Control 1' });
    await card.getByLabel('Picture').selectOption('Lines');
    await card.getByLabel('Follow its').selectOption('depth');
    await card.getByText(/No ControlNet for depth is here.*Stable Diffusion 1\.x/).waitFor();
    await card.getByLabel('Follow its').selectOption('canny');
    await card.getByText(/No ControlNet/).waitFor({ state: 'detached' });
    await card.getByLabel('Strength').focus();
    await page.keyboard.press('ArrowLeft');
    await card.getByRole('button', { name: 'More' }).click();
    assert.deepEqual(await card.getByLabel('ControlNet').locator('option').allTextContents(), [
      'automatic',
      'edges-sd15',
    ]);
    const end = card.getByRole('spinbutton', { name: 'To step' });
    await end.fill('70');
    await end.press('Enter');
    await card.getByRole('button', { name: 'Show the map' }).click();
    await card.getByRole('img', { name: 'Map of control 1: edges' }).waitFor();
    await card.getByRole('button', { name: 'Map as a layer' }).click();
    await until(tab, 'host.maps.length === 1');
    assert.equal(await page.evaluate('host.maps[0].name'), 'Map: edges');
    await page.getByRole('button', { name: 'Fill' }).last().click();
    await untilInserted(tab, 1);
    const [sent] = await page.evaluate<{ request: { controls: unknown } }[]>(
      'host.insertions.map(({ order }) => order)',
    );
    const control = { imageId: 'layer-1', imageName: 'Lines', kind: 'canny', preprocessor: 'canny' };
    assert.deepEqual(sent?.request.controls, [{ ...control, strength: 0.95, end: 0.7 }]);
    await fold.click();
    assert.equal(await fold.innerText(), 'Controls (1)');
    await fold.click();
    await page.getByRole('button', { name: 'Remove control 1' }).click();
    await card.waitFor({ state: 'detached' });
  });

  test('LoRAs and hypernetworks of the family are offered, and go with the job', async (context) => {
    const tab = await openTab(context);
    await tab.open();
    const { page } = tab;
    await page.getByRole('textbox', { name: 'Prompt' }).fill('a boat');
    await page.getByRole('button', { name: 'More options' }).click();
    const select = page.getByRole('combobox', { name: 'LoRA' });
    assert.deepEqual(await select.locator('option').allTextContents(), ['none', 'ink-lines']);
    await select.selectOption('ink-lines');
    const strength = page.getByRole('spinbutton', { name: 'ink-lines' });
    await strength.fill('0.6');
    await strength.press('Enter');
    await page.getByRole('combobox', { name: 'Hypernetwork' }).selectOption('mood');
    await page.getByRole('button', { name: 'Fill' }).last().click();
    await untilInserted(tab, 1);
    const request = await page.evaluate<Record<string, unknown>>('host.insertions[0].order.request');
    assert.deepEqual(request.loras, [{ model: 'ink-lines', strength: 0.6 }]);
    assert.deepEqual(request.hypernetworks, [{ model: 'mood', strength: 1 }]);
  });

  test('a code pairs, the pairing is forgotten, and what is in the way is told apart', async (context) => {
    const tab = await openTab(context);
    const { page, bridge } = tab;
    await tab.open({ token: undefined });
    await page.getByRole('textbox', { name: 'Code' }).fill(bridge.server.openPairing().code);
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Prompt' }).waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText(/Connected to this computer/).waitFor();
    await page.getByRole('button', { name: 'Forget this pairing' }).click();
    await page.getByRole('textbox', { name: 'Code' }).waitFor();
    await bridge.server.close();
    await tab.open();
    await page.getByText('Inlay is not running on this computer.').waitFor();
    await tab.open({ diagnosis: 'blocked' });
    await page.getByText('The browser keeps this editor from reaching Inlay.').waitFor();
    await tab.open({ isForbidden: true });
    await page.getByText('This plugin is not allowed to connect to Inlay.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Fill' }).last().isDisabled(), true);
  });

  for (const [width, colorScheme] of [
    [260, 'light'],
    [360, 'dark'],
  ] as const) {
    test(`nothing is cut off and all is readable, ${width} px, ${colorScheme}`, async (context) => {
      const script: Script = async (_task, events, signal) => {
        events.onProgress({ phase: 'denoising', step: 3, steps: 20, etaMs: 60_000 });
        await new Gate().pass(signal);
      };
      const tab = await openTab(context, { width, colorScheme, script, bypassCSP: true });
      await tab.open({ history });
      const { page } = tab;
      await page.addScriptTag({ path: axeFile });
      const check = async (what: string) => {
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.equal(overflow, 0, what);
        const { violations } = await page.evaluate<{
          violations: { id: string; nodes: { html: string }[] }[];
        }>('axe.run(document.body, { rules: { region: { enabled: false } } })');
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${what}: ${id} ${nodes[0]?.html}`),
          [],
        );
      };
      const button = (name: string) => page.getByRole('button', { name, exact: true });
      await page.getByRole('textbox', { name: 'Prompt' }).fill('a kite');
      await page.getByText(/of memory/).waitFor();
      await page.getByLabel('Style').selectOption('ink');
      await button('More options').click();
      await button('Controls').click();
      await button('Add a control').click();
      await page.getByLabel('Follow its').selectOption('depth');
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('combobox', { name: 'LoRA' }).selectOption('ink-lines');
      await page.getByRole('combobox', { name: 'Hypernetwork' }).selectOption('mood');
      await check('fill');
      await button('Remove control 1').click();
      await button('Remove LoRA ink-lines').click();
      await button('Remove Hypernetwork mood').click();
      await button('More options').click();
      await page.evaluate(`host.target.value = { ...host.target.value, recipe: ${JSON.stringify(recipe)} }`);
      await button('Fill').last().click();
      await page.getByRole('progressbar', { name: 'Drawing' }).waitFor();
      await check('running');
      for (const operation of ['Expand', 'Vary', 'Upscale']) {
        await button(operation).first().click();
        await check(operation);
      }
      await button('History').click();
      await check('history');
      await button('Settings').click();
      await check('settings');
      await button('Create').click();
      await page.getByRole('button', { name: 'Cancel' }).click();
    });
  }
});
