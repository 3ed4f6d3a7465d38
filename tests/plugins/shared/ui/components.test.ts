/** The shared components in a real browser, on a page that the real server gives out under its real policy. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { startBridge } from '../../../bridge/bridge-fixture.ts';
import { skipWithoutBrowser } from '../../../browser.ts';
import { eventuallyEqual, narrowPanel, Stages } from './stage.ts';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const job = { id: 'a', operation: 'fill', request: { operation: 'fill' }, pictures: [], submittedAt: 0 };

interface Scene {
  readonly name: string;
  readonly properties: Record<string, unknown>;
}

/** One of each, for what has to hold everywhere. */
const everyScene: readonly Scene[] = [
  { name: 'job', properties: { ...job, state: 'queued', position: 2 } },
  {
    name: 'job',
    properties: {
      ...job,
      state: 'running',
      progress: { phase: 'upscaling', step: 3, steps: 8, etaMs: 125_000 },
    },
  },
  {
    name: 'error',
    properties: {
      message: 'Expected a mask with white in it, received a black one.',
      hint: 'Paint the area to be filled white.',
      canRetry: true,
    },
  },
  { name: 'notices', properties: { notices: ['The graphics device stopped working.', 'Using the CPU.'] } },
  { name: 'picker', properties: { count: 3 } },
  { name: 'pairing', properties: {} },
  { name: 'controls', properties: {} },
  { name: 'words', properties: {} },
  { name: 'large', properties: {} },
  { name: 'connection', properties: {} },
];

describe('shared components', { skip: skipWithoutBrowser, concurrency: 2 }, () => {
  let stages: Stages;
  before(async () => {
    stages = await Stages.build();
  });
  after(() => stages?.close());

  test('a job on its way tells its progress to eyes and ears, and can be cancelled', async (context) => {
    const { page, root, show, heard } = await stages.open(context);
    await show('job', { ...job, state: 'queued', position: 1 });
    const bar = page.getByRole('progressbar');
    assert.match(await root.innerText(), /Waiting, 1 job before this one/);
    assert.equal(await bar.getAttribute('aria-valuenow'), null);
    await show('job', {
      ...job,
      state: 'running',
      progress: { phase: 'filling', step: 3, steps: 10, etaMs: 21_000 },
    });
    assert.match(await root.innerText(), /Filling\s+30 % · about 20 s left/);
    assert.equal(await bar.getAttribute('aria-valuenow'), '30');
    assert.equal(await bar.getAttribute('aria-label'), 'Filling');
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual((await heard()).length, 1);
  });

  test('progress is read out by quarters, not by percent', async (context) => {
    const { page, show } = await stages.open(context);
    const said = new Set<string>();
    for (let step = 0; step <= 40; step++) {
      await show('job', { ...job, state: 'running', progress: { phase: 'filling', step, steps: 40 } });
      said.add((await page.getByRole('status').textContent()) ?? '');
    }
    assert.deepEqual(
      [...said],
      [
        'Filling',
        'Filling, 25 percent',
        'Filling, 50 percent',
        'Filling, 75 percent',
        'Filling, 100 percent',
      ],
    );
  });

  test('an error says what is wrong and what to do, and offers to try again where that helps', async (context) => {
    const { page, show, heard } = await stages.open(context);
    const error = { message: 'Too little memory.', hint: 'Choose a smaller area.' };
    await show('error', { ...error, canRetry: false });
    const alert = page.getByRole('alert');
    assert.match(await alert.innerText(), /Too little memory\.\s+Choose a smaller area\./);
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(((await heard()) as string[][])[0]?.[0], 'dismiss');
    await show('error', { ...error, canRetry: true });
    await page.getByRole('button', { name: 'Try again' }).click();
    assert.equal(((await heard()) as string[][])[0]?.[0], 'retry');
  });

  test('notices are listed, and each is dismissed by itself', async (context) => {
    const { page, root, show, heard } = await stages.open(context);
    await show('notices', { notices: [] });
    assert.equal(await page.getByRole('status').count(), 1);
    assert.equal(await root.innerText(), '');
    await show('notices', { notices: ['One.', 'Two.'] });
    await page.getByRole('button', { name: 'Dismiss' }).nth(1).click();
    assert.deepEqual(await heard(), [['dismiss', 'Two.']]);
  });

  test('variations are flipped through by buttons, dots and arrow keys, round and round', async (context) => {
    const { page, root, show } = await stages.open(context);
    await show('picker', { count: 3 });
    const shown = () => root.getByRole('status').innerText();
    assert.equal(await shown(), '1 of 3');
    await page.getByRole('button', { name: 'Next variation' }).click();
    assert.equal(await shown(), '2 of 3');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.equal(await shown(), '1 of 3');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await shown(), '3 of 3');
    await page.getByRole('button', { name: 'Variation 2' }).click();
    assert.equal(await shown(), '2 of 3');
    assert.equal(
      await page.getByRole('button', { name: 'Variation 2' }).getAttribute('aria-current'),
      'true',
    );
    await show('nothing');
    await show('picker', { count: 9 });
    assert.equal(await page.getByRole('button').count(), 2);
    await show('nothing');
    await show('picker', { count: 1 });
    assert.equal(await page.getByRole('button').count(), 0);
  });

  test('the pairing form takes six digits however they are spaced, and the address that was printed', async (context) => {
    const { page, show, heard } = await stages.open(context);
    const key = `${'aB-_'.repeat(10)}xyz`;
    for (const [typed, code] of [
      ['123456', '123456'],
      [' 123 456 ', '123456'],
      ['123-456', '123456'],
      [`http://localhost:41730/#${key} `, key],
    ] as const) {
      await show('pairing');
      await page.getByLabel('Code').fill(typed);
      await page.keyboard.press('Enter');
      assert.deepEqual(await heard(), [['pair', code]], typed);
      await show('nothing');
    }
  });

  test('the pairing form says what a code is, and what the server says of a wrong one', async (context) => {
    const { page, show, heard } = await stages.open(context);
    await show('pairing', { refusal: { message: 'Wrong code.', hint: 'Run `inlay pair`.' } });
    const problem = page.getByRole('alert');
    for (const typed of ['', '12345', '1234567', 'abcdef', '#123']) {
      await page.getByLabel('Code').fill(typed);
      await page.getByRole('button', { name: 'Pair' }).click();
      assert.match(await problem.innerText(), /The code is six digits/, typed);
    }
    assert.deepEqual(await heard(), []);
    await page.getByLabel('Code').fill('654321');
    await page.getByRole('button', { name: 'Pair' }).click();
    await problem.getByText('Wrong code. Run `inlay pair`.').waitFor();
    assert.deepEqual(await heard(), [['pair', '654321']]);
  });

  test('[P1] the banner asks for a code, pairs by it, and is gone; the next load needs none', async (context) => {
    const { page, root, bridge, show } = await stages.open(context);
    await show('connection');
    await page.getByLabel('Code').waitFor();
    const { code } = bridge.server.openPairing();
    const wrong = code === '000000' ? '000001' : '000000';
    await page.getByLabel('Code').fill(wrong);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('received another').waitFor();
    await page.getByLabel('Code').fill(code);
    await page.keyboard.press('Enter');
    await page.getByLabel('Code').waitFor({ state: 'detached' });
    assert.equal(await root.innerText(), '');
    await page.reload();
    await show('connection');
    await page.locator('#inlay[data-connection=ready]').waitFor({ state: 'attached' });
    assert.equal(await root.innerText(), '');
  });

  test('[P8] the key of the address pairs without a word, and the banner tells when the server is gone and back', async (context) => {
    const { page, root, bridge, show } = await stages.open(context);
    const { port, pageUrl } = bridge.server;
    await show('connection', { key: new URL(pageUrl).hash.slice(1) });
    while (await page.evaluate(`localStorage.getItem('inlay-token') === null`)) await page.waitForTimeout(10);
    await bridge.server.close();
    await root.getByText('Inlay is not running on this computer.').waitFor();
    assert.match(await root.innerText(), /Next look in 1 s\.|Looking…/);
    const texts: string[] = [];
    for (let look = 0; look < 20; look++) {
      texts.push(await root.innerText());
      await page.waitForTimeout(50);
    }
    assert.ok(
      texts.every((text) => /not running/.test(text)),
      'it does not flicker while it looks',
    );
    await startBridge(context, { home: bridge.home, ports: [port], pageFolder: stages.pageFolder });
    await root.getByText('Inlay is not running').waitFor({ state: 'detached' });
    assert.equal(await root.innerText(), '');
  });

  test('every control has its name, and tells what was done with it', async (context) => {
    const { page, show, heard } = await stages.open(context);
    await show('controls');
    const slider = page.getByRole('slider', { name: 'Size', exact: true });
    assert.equal(await slider.getAttribute('aria-valuetext'), '24 px');
    await slider.press('ArrowRight');
    await page.getByRole('checkbox', { name: 'Soft' }).click();
    await page.getByRole('combobox', { name: 'Model' }).selectOption('First');
    await page.getByRole('textbox', { name: 'Name' }).fill('x');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Fill' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    assert.ok(await page.getByRole('button', { name: 'Expand' }).isDisabled());
    assert.equal(
      await page.getByRole('progressbar', { name: 'Working' }).getAttribute('aria-valuenow'),
      null,
    );
    const calls = (await heard()) as unknown[][];
    assert.deepEqual(
      calls.map(([name, value]) =>
        typeof value === 'object' || value === undefined ? [name] : [name, value],
      ),
      [['size', 25], ['soft', true], ['model', 'a'], ['name', 'x'], ['submit'], ['fill'], ['undo']],
    );
  });

  test('a number is taken when it is whole and within its limits, else the nearest one that is', async (context) => {
    const { page, show, heard } = await stages.open(context);
    await show('controls');
    const field = page.getByRole('spinbutton', { name: 'Left' });
    for (const [typed, shown] of [
      ['500', '500'],
      ['501', '500'],
      ['-1', '0'],
      ['7.6', '8'],
      ['', ''],
      ['12', '12'],
    ] as const) {
      await field.fill(typed);
      await field.press('Enter');
      assert.equal(await field.inputValue(), shown);
    }
    assert.deepEqual(
      ((await heard()) as unknown[][]).map(([, value]) => value),
      [500, 0, 8, null, 12],
    );
    const part = page.getByRole('spinbutton', { name: 'Part' });
    await part.fill('0.69');
    await part.press('Enter');
    assert.equal(await part.inputValue(), '0.7');
  });

  test('what is being typed stays when the panel is shown anew', async (context) => {
    const { page, show, heard } = await stages.open(context);
    await show('restless');
    const field = page.getByRole('spinbutton', { name: 'Width' });
    await field.fill('96');
    await page.waitForTimeout(50);
    assert.equal(await field.inputValue(), '96');
    await field.press('Enter');
    assert.deepEqual(await heard(), [['width', 96]]);
    await eventuallyEqual(() => field.inputValue(), '512');
  });

  test('everything fits a panel of 240 pixels', async (context) => {
    const { page, show } = await stages.open(context);
    await page.setViewportSize(narrowPanel);
    for (const { name, properties } of everyScene) {
      await show(name, properties);
      if (name === 'connection') await page.getByLabel('Code').waitFor();
      const overhang = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(overhang, 0, name);
    }
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing wrong in ${colorScheme}`, async (context) => {
      // Axe puts styles of its own into the page.
      const { page, show } = await stages.open(context, { colorScheme, bypassCSP: true });
      await page.evaluate(await readFile(axeFile, 'utf8'));
      for (const { name, properties } of everyScene) {
        await show(name, properties);
        if (name === 'connection') await page.getByLabel('Code').waitFor();
        const violations = await page.evaluate(
          `axe.run('#inlay').then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
        );
        assert.deepEqual(violations, [], name);
      }
    });
  }
});

test('nothing is used that the panels of Photoshop lack', async () => {
  const css = await readFile('plugins/shared/ui/ui.css', 'utf8');
  const rules = css.replace(/\/\*[\s\S]*?\*\//g, '');
  assert.doesNotMatch(
    rules,
    /display:\s*(inline-)?grid|[\s{;](grid|gap|row-gap|column-gap|float|text-transform|font):?\s*[^-\w]/,
  );
  for (const file of [
    'advanced-fields',
    'choice',
    'connection-banner',
    'diffusion-fields',
    'drawing-recipe',
    'error-notice',
    'extra-network-card',
    'extra-network-fields',
    'fold',
    'job-progress',
    'model-note',
    'model-select',
    'notices',
    'outlook-line',
    'pairing-form',
    'prompt-field',
    'prompt-help',
    'prompt-hints',
    'proposed-sizes',
    'refiner-fields',
    'seed-field',
    'two-pass-fields',
    'unusable-files',
    'variation-picker',
    'working-size-field',
  ]) {
    const code = await readFile(`plugins/shared/ui/${file}.tsx`, 'utf8');
    assert.doesNotMatch(code, /htmlFor|\bfor=|<canvas|<form|<input|<select|dangerouslySetInnerHTML/, file);
    assert.doesNotMatch(code, /\b(document|window|localStorage|navigator|crypto|structuredClone)\b\./, file);
  }
});
