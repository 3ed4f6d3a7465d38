/** How the panel in Figma finds Inlay, and what it says when it does not. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { defaultPorts } from '../../../bridge/protocol/ports.ts';
import { skipWithoutBrowser } from '../../browser.ts';
import { FigmaWorkplace } from './figma-workplace.ts';

describe('connecting from Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  test('a wrong code is refused in a sentence, the right one pairs, and the next run of the plugin is paired', async (context) => {
    const app = workplace.newFile();
    const panel = await workplace.open(context, app, { isPaired: false });
    const code = panel.frame.getByRole('textbox', { name: 'Code' });
    await code.fill('12');
    await code.press('Enter');
    await panel.alert.getByText('The code is six digits.').waitFor();
    const opened = workplace.server.server.openPairing();
    await code.fill(opened.code === '000000' ? '111111' : '000000');
    await code.press('Enter');
    await panel.alert.getByText(/code/).waitFor();
    await code.fill(opened.code);
    await code.press('Enter');
    await code.waitFor({ state: 'detached' });
    await panel.untilPairingIsKept();
    await panel.close();
    const again = await workplace.open(context, app);
    await again.says(/^Nothing is selected/);
    assert.equal(await again.frame.getByRole('textbox', { name: 'Code' }).count(), 0);
    panel.assertSound();
    again.assertSound();
  });

  test('without Inlay it says that it is not running, and finds it when it is', async (context) => {
    const app = workplace.newFile();
    const panel = await workplace.open(context, app, { way: 'nothing-there' });
    await panel.says(/^Inlay is not running on this computer\.$/);
    panel.proxy.routes.set(defaultPorts[2], workplace.server.server.port);
    await panel.button('Look now').click();
    await panel.pair();
    await panel.says(/^Nothing is selected/);
    panel.assertSound();
  });

  test('where the browser keeps it from this computer it says that, and what to allow', async (context) => {
    const app = workplace.newFile();
    const panel = await workplace.open(context, app, { way: 'blocked' });
    await panel.says(/^The browser keeps this editor from reaching Inlay\.$/);
    await panel.says(/Apps on device/);
    assert.equal(await panel.frame.getByText('not running').count(), 0);
    panel.assertSound();
  });

  for (const [theme, background] of [
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(44, 44, 44)'],
  ] as const) {
    test(`it has the colours of Figma's ${theme} theme`, async (context) => {
      const panel = await workplace.open(context, workplace.newFile(), { theme });
      const colours = await panel.frame.evaluate<readonly string[]>(
        `(() => {
          const { backgroundColor } = getComputedStyle(document.body);
          const { color } = getComputedStyle(document.querySelector('.inlay-panel'));
          return [backgroundColor, color];
        })()`,
      );
      assert.equal(colours[0], background);
      const text = theme === 'light' ? /^rgba?\(0, 0, 0/ : /^rgb\(255, 255, 255\)$/;
      assert.match(colours[1]!, text);
      panel.assertSound();
    });
  }
});
