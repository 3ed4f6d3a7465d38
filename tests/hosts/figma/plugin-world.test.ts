/** What a plugin finds around it: main in a bare JavaScript machine, its page in a frame without an origin. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, skipWithoutBrowser } from '../../browser.ts';
import { until } from '../../e2e/inlay.ts';
import { FigmaApp } from './figma-app.ts';
import { LoopbackProxy } from './loopback-proxy.ts';
import { samplePlugin } from './sample-plugin.ts';

/** Runs main alone and gives what it leaves in plugin data of the page. */
async function inMain(code: string): Promise<string> {
  const app = new FigmaApp(
    samplePlugin({ main: `figma.currentPage.setPluginData('told', String(${code}))` }),
  );
  const { close, failures } = await app.run();
  await close();
  assert.deepEqual(failures, []);
  return app.document.get(app.document.currentPageId).pluginData.told ?? '';
}

describe('main', () => {
  test('has no browser and no Node, and nothing of JavaScript that is younger than 2020', async () => {
    const names = [
      ...[
        'window',
        'document',
        'WebSocket',
        'fetch',
        'XMLHttpRequest',
        'crypto',
        'atob',
        'URL',
        'performance',
      ],
      ...['TextDecoder', 'TextEncoder', 'structuredClone', 'queueMicrotask', 'process', 'require', 'Buffer'],
      ...['WebAssembly', 'Intl', 'WeakRef', 'Blob', 'AbortController'],
    ];
    assert.equal(await inMain(`${JSON.stringify(names)}.filter((name) => name in globalThis)`), '');
    assert.equal(
      await inMain(`typeof [].at + typeof 'a'.replaceAll + typeof Object.hasOwn`),
      'undefined'.repeat(3),
    );
    assert.equal(await inMain(`typeof figma + typeof __html__ + typeof setTimeout`), 'objectstringfunction');
    await assert.rejects(inMain(`new Function('return 1')()`), /Code generation from strings disallowed/);
  });

  test('knows what it is given by the classes that it has', async () => {
    assert.equal(await inMain(`figma.base64Decode('AA==') instanceof Uint8Array`), 'true');
    assert.equal(
      await inMain(
        `(() => { try { figma.createImage(new Uint8Array(0)) } catch (error) { return error instanceof Error } })()`,
      ),
      'true',
    );
    assert.equal(
      await inMain(`(() => { try { null.name } catch (error) { return error instanceof Error } })()`),
      'true',
    );
  });

  test('what is not modelled says so', async () => {
    await assert.rejects(inMain('figma.createStar()'), /not modelled: figma\.createStar/);
    await assert.rejects(inMain('figma.ui.postMessage(1)'), /Call figma\.showUI first/);
  });

  test('hears of a change of selection later, and once', async () => {
    const app = new FigmaApp(
      samplePlugin({ main: `let n = 0; figma.on('selectionchange', () => figma.notify(String(++n)))` }),
    );
    const ids = [1, 2].map(() => app.draw((figma) => figma.createRectangle().id));
    const { session, close } = await app.run();
    app.select(...ids);
    app.select(ids[0]!);
    assert.deepEqual(session.notices, []);
    await until('the event', () => session.notices[0]);
    assert.deepEqual(session.notices, [{ message: '1', isError: false }]);
    await close();
  });

  test('stops where it is when it is closed, after a last word', async () => {
    const main = `
      figma.on('close', () => figma.notify('closing'));
      const [node] = figma.currentPage.children;
      node.exportAsync().finally(() => { node.name = 'written too late'; });
      setTimeout(() => figma.notify('too late'), 0);`;
    const app = new FigmaApp(samplePlugin({ main }));
    const id = app.draw((figma) => figma.createRectangle().id);
    const { session, close } = await app.run();
    await close();
    await app.picture(id);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(session.notices, [{ message: 'closing', isError: false }]);
    assert.equal(app.document.get(id).name, 'Rectangle');
  });

  test('a relaunch button is there for commands of the manifest, and runs the plugin with its command', async () => {
    const app = new FigmaApp(samplePlugin({ main: 'figma.notify(figma.command)' }));
    const id = app.draw((figma) => {
      const rectangle = figma.createRectangle();
      rectangle.setRelaunchData({ again: 'A boat', other: '' });
      return rectangle.id;
    });
    const [button, ...more] = app.relaunchButtons(id);
    assert.deepEqual([button, more], [{ command: 'again', name: 'Again', text: 'A boat' }, []]);
    const { session, close } = await app.run({ command: button!.command });
    assert.deepEqual(session.notices, [{ message: 'again', isError: false }]);
    await close();
  });
});

describe('the page', { skip: skipWithoutBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  const opens = `figma.showUI(__html__, { themeColors: true, width: 320, height: 480 });`;

  test('has no origin and no storage, is told of the theme, and hears from its parent alone', async () => {
    const script = `
      onmessage = ({ data, source }) => {
        let storage; try { storage = typeof localStorage } catch ({ name }) { storage = name }
        const style = getComputedStyle(document.documentElement);
        parent.postMessage({ pluginMessage: {
          heard: data.pluginMessage, isParent: source === parent, origin: self.origin, storage,
          theme: document.documentElement.className, bg: style.getPropertyValue('--figma-color-bg'), width: innerWidth,
        } }, '*');
      };`;
    const main = `${opens}
      figma.ui.onmessage = (message) => figma.notify(JSON.stringify(message) + message.heard.bytes.constructor.name);
      figma.ui.postMessage({ bytes: new Uint8Array([1, 2, 255]), dropped() {} });`;
    const app = new FigmaApp(samplePlugin({ main, script }));
    const { session, close, failures } = await app.run({ browser, theme: 'dark' });
    const { message } = await until('the answer', () => session.notices[0]);
    const told = JSON.parse(message.replace(/Uint8Array$/, '')) as Record<string, unknown>;
    assert.deepEqual(told, {
      heard: { bytes: { 0: 1, 1: 2, 2: 255 } },
      isParent: true,
      origin: 'null',
      storage: 'SecurityError',
      theme: 'figma-dark',
      bg: '#2c2c2c',
      width: 320,
    });
    assert.match(message, /Uint8Array$/);
    assert.deepEqual(failures, []);
    await close();
  });

  const asks = `
    const violations = [];
    document.addEventListener('securitypolicyviolation', ({ blockedURI }) => violations.push(blockedURI));
    const ask = (url) => new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('failed');
    }).catch(({ name }) => name);
    (async () => {
      const { state } = await navigator.permissions.query({ name: 'loopback-network' });
      const declared = await ask('ws://localhost:41730/v1');
      const silent = await ask('ws://localhost:41731/v1');
      const foreign = await ask('ws://localhost:41739/v1');
      parent.postMessage({ pluginMessage: { state, declared, silent, foreign, violations } }, '*');
    })();`;
  const tells = `${opens} figma.ui.onmessage = (message) => figma.notify(JSON.stringify(message));`;

  test('reaches the addresses of the manifest and no other', async (context) => {
    const hosts: (string | undefined)[] = [];
    const server = createServer();
    server.on('upgrade', ({ headers }, socket) => {
      hosts.push(headers.host, headers.origin);
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const proxy = await LoopbackProxy.start();
    context.after(() => {
      proxy.close();
      server.close();
    });
    proxy.routes.set(41_730, port);
    const app = new FigmaApp(samplePlugin({ main: tells, script: asks }));
    const { session, close } = await app.run({ browser, proxy });
    const { message } = await until('the answer', () => session.notices[0]);
    const { violations, foreign, silent, state } = JSON.parse(message) as Record<string, unknown>;
    assert.deepEqual(hosts, [`localhost:${port}`, 'null']);
    assert.deepEqual([silent, state], ['failed', 'granted']);
    assert.notEqual(foreign, 'open');
    assert.match(String(violations), /41739/);
    await close();
  });

  test('is cut off from this computer by a browser that was not allowed, and can ask', async () => {
    const app = new FigmaApp(samplePlugin({ main: tells, script: asks }));
    const { session, close } = await app.run({ browser });
    const { message } = await until('the answer', () => session.notices[0]);
    const { declared, state } = JSON.parse(message) as Record<string, unknown>;
    assert.deepEqual([declared, state], ['failed', 'denied']);
    await close();
  });
});
