/** What a web page that someone happens to have open can do to the server and its page, in a real browser. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { TokenStore } from '../../../bridge/auth/token-store.ts';
import { launchBrowser, skipWithoutBrowser } from '../../browser.ts';
import { patienceMs } from '../../patience.ts';
import { type Bridge, startBridge, temporaryFolder } from '../bridge-fixture.ts';

/** Says all that is needed to be paired, with a key that is made up, and tells what comes of it. */
const attack = (port: number) => `new Promise((resolve) => {
  const heard = [];
  const socket = new WebSocket('ws://localhost:${port}/v1');
  socket.onopen = () => {
    heard.push('open');
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, client: 'attacker', editor: 'web' }));
  };
  socket.onmessage = ({ data }) => {
    const { type, code } = JSON.parse(data);
    heard.push(code ?? type);
    socket.send(JSON.stringify({ type: 'pair', code: 'A'.repeat(43), name: 'attacker' }));
  };
  socket.onclose = ({ code }) => resolve([...heard, code]);
})`;

interface Meeting {
  readonly bridge: Bridge;
  readonly url: string;
  readonly page: Page;
  /** What the server of the hostile page was asked for. */
  readonly visits: readonly string[];
}

describe('a hostile page', { skip: skipWithoutBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  /** A server with a page, and a tab that shows a page of somebody else. */
  async function meet(context: TestContext): Promise<Meeting> {
    const pageFolder = await temporaryFolder(context);
    await writeFile(path.join(pageFolder, 'index.html'), '<!doctype html><title>Inlay</title><h1>Inlay</h1>');
    await writeFile(path.join(pageFolder, 'main.js'), 'globalThis.isLoaded = true;');
    const bridge = await startBridge(context, { pageFolder });
    const visits: string[] = [];
    const stranger = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>Kittens</title>');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const page = await browser.newPage();
    page.context().setDefaultTimeout(patienceMs);
    context.after(async () => {
      await page.close();
      stranger.close();
      stranger.closeAllConnections();
    });
    await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`);
    return { bridge, url: `http://localhost:${bridge.server.port}`, page, visits };
  }

  async function clientNames({ home }: Bridge): Promise<readonly string[]> {
    return (await (await TokenStore.open(home.tokensFile)).list()).map(({ name }) => name);
  }

  test('[S3] does not get as far as a socket', async (context) => {
    const { bridge, page } = await meet(context);
    assert.deepEqual(await page.evaluate(attack(bridge.server.port)), [1006]);
  });

  test('[S3] [P8] gets a socket from a sandboxed frame, and nothing by it', async (context) => {
    const { bridge, page } = await meet(context);
    await page.setContent('<iframe sandbox="allow-scripts" srcdoc="<p>frame</p>"></iframe>');
    await page.frameLocator('iframe').getByText('frame').waitFor();
    const frame = page.frames()[1]!;
    assert.equal(await frame.evaluate('origin'), 'null');
    assert.deepEqual(await frame.evaluate(attack(bridge.server.port)), [
      'open',
      'unpaired',
      'pairing-failed',
      4401,
    ]);
    assert.deepEqual(await clientNames(bridge), ['test']);
  });

  test('[S4] cannot frame the page, load its files, or read what it says', async (context) => {
    const { url, page } = await meet(context);
    await page.setContent(`<iframe src="${url}/"></iframe>`);
    await page.waitForTimeout(300);
    assert.equal(await page.frameLocator('iframe').getByText('Inlay').count(), 0);
    const outcomes = await page.evaluate(`Promise.all([
      new Promise((resolve) => {
        const script = document.createElement('script');
        script.src = '${url}/main.js';
        script.onload = () => resolve('loaded');
        script.onerror = () => resolve('blocked');
        document.head.append(script);
      }),
      fetch('${url}/').then(() => 'read', () => 'blocked'),
      fetch('${url}/health').then(() => 'read', () => 'blocked'),
    ])`);
    assert.deepEqual(outcomes, ['blocked', 'blocked', 'blocked']);
    assert.equal(await page.evaluate('globalThis.isLoaded'), undefined);
  });

  test('[S4] keeps no hold on a page that it opens', async (context) => {
    const { url, page } = await meet(context);
    const [opened] = await Promise.all([
      page.context().waitForEvent('page'),
      page.evaluate(`void (globalThis.opened = window.open('${url}/'))`),
    ]);
    await opened.getByText('Inlay').waitFor();
    assert.equal(await opened.evaluate('window.opener'), null);
    assert.equal(await page.evaluate('opened.closed'), true);
    await opened.close();
  });

  test('[S4] the page itself runs and reaches nothing but its server', async (context) => {
    const { url, page, bridge, visits } = await meet(context);
    const foreign = page.url();
    await page.goto(`${url}/`);
    const outcomes = await page.evaluate(`Promise.all([
      fetch('${foreign}', { mode: 'no-cors' }).then(() => 'sent', () => 'blocked'),
      fetch('/health').then(() => 'sent', () => 'blocked'),
      new Promise((resolve) => {
        const image = new Image();
        image.onload = image.onerror = ({ type }) => resolve(type);
        image.src = '${foreign}?secret';
      }),
      new Promise((resolve) => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.isInjected = true';
        document.head.append(script);
        setTimeout(() => resolve(globalThis.isInjected ?? 'blocked'), 50);
      }),
    ])`);
    assert.deepEqual(outcomes, ['blocked', 'sent', 'error', 'blocked']);
    assert.ok(visits.length > 0 && !visits.some((target) => target.includes('secret')), visits.join(' '));
    assert.deepEqual(await page.evaluate(attack(bridge.server.port)), [
      'open',
      'unpaired',
      'pairing-failed',
      4401,
    ]);
    const elsewhere = `new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
      try { new WebSocket('ws://127.0.0.1:9/v1').onclose = () => setTimeout(() => resolve('tried'), 50); } catch {}
    })`;
    assert.equal(await page.evaluate(elsewhere), 'connect-src');
  });
});
