/** What bites a plugin in the real editor bites it in this one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FrameNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { FigmaApp } from './figma-app.ts';
import { FigmaDocument } from './figma-document.ts';
import { gradient, imagePaint, pngOf } from './pictures.ts';
import { samplePlugin } from './sample-plugin.ts';

const open = (document?: FigmaDocument) => new FigmaApp(samplePlugin(), document);
const red = { type: 'SOLID', color: { r: 1, g: 0, b: 0 } } as const;

describe('nodes', () => {
  test('paints are read as copies that cannot be written to, and replaced as a whole', () => {
    const app = open();
    app.draw((figma) => {
      const rectangle = figma.createRectangle();
      const { fills } = rectangle;
      assert.throws(() => (fills as unknown[]).push(red), TypeError);
      assert.throws(() => Object.assign((fills as unknown as object[])[0]!, { opacity: 0 }), TypeError);
      rectangle.fills = [red];
      assert.deepEqual(rectangle.fills, [red]);
      assert.throws(() => Object.assign(rectangle, { fills: [{ ...red, colour: 1 }] }), /no key "colour"/);
      assert.throws(
        () => Object.assign(rectangle, { fills: [{ ...red, color: { r: 2, g: 0, b: 0 } }] }),
        /0 to 1/,
      );
    });
  });

  test('what a type of node lacks cannot be read, written, or found with "in"', () => {
    const app = open();
    app.draw((figma) => {
      const group = figma.group([figma.createRectangle()], figma.currentPage, 0);
      assert.equal('fills' in group, false);
      assert.throws(() => (group as unknown as FrameNode).fills, /no such property 'fills' on GROUP node/);
      assert.throws(() => Object.assign(group, { colour: 1 }), /not extensible/);
      assert.equal('isMask' in figma.createSection(), false);
    });
  });

  test('a removed node has an id and nothing else', () => {
    const app = open();
    app.draw((figma) => {
      const rectangle = figma.createRectangle();
      const { id } = rectangle;
      rectangle.remove();
      assert.deepEqual([rectangle.id, rectangle.removed], [id, true]);
      assert.throws(() => rectangle.name, /does not exist/);
      assert.throws(() => rectangle.resize(1, 1), /does not exist/);
    });
  });

  test('a new parent keeps the numbers of a place, a new group the place itself; a group without children is gone', () => {
    const app = open();
    app.draw((figma) => {
      const frame = figma.createFrame();
      Object.assign(frame, { x: 100, y: 50 });
      const rectangle = figma.createRectangle();
      Object.assign(rectangle, { x: 110, y: 60 });
      frame.appendChild(rectangle);
      assert.deepEqual([rectangle.x, rectangle.absoluteBoundingBox?.x], [110, 210]);
      const group = figma.group([rectangle], figma.currentPage, 0);
      assert.deepEqual([rectangle.x, rectangle.absoluteBoundingBox?.x], [210, 210]);
      group.x = 5;
      assert.deepEqual([rectangle.x, group.width, figma.currentPage.children[0]?.id], [5, 100, group.id]);
      frame.appendChild(rectangle);
      assert.equal(group.removed, true);
    });
  });

  test('a clone lies under the current page, with the numbers of its place and the data of its original', () => {
    const app = open();
    app.draw((figma) => {
      const frame = figma.createFrame();
      const rectangle = figma.createRectangle();
      frame.appendChild(rectangle);
      rectangle.setPluginData('key', 'value');
      const clone = rectangle.clone();
      assert.equal(clone.parent?.id, figma.currentPage.id);
      assert.equal(clone.getPluginData('key'), 'value');
    });
  });

  test('a rotation turns about the corner, and the bounding box goes around it', () => {
    const app = open();
    app.draw((figma) => {
      const rectangle = figma.createRectangle();
      rectangle.resize(40, 20);
      Object.assign(rectangle, { x: 100, y: 100, rotation: 90 });
      assert.deepEqual(rectangle.absoluteBoundingBox, { x: 100, y: 60, width: 20, height: 40 });
      assert.equal(rectangle.rotation, 90);
    });
  });

  test('the inside of an instance can look otherwise, and can neither be moved, masked nor rebuilt', () => {
    const app = open();
    app.draw((figma) => {
      const component = figma.createComponent();
      component.appendChild(figma.createRectangle());
      const instance = component.createInstance();
      const inner = instance.children[0] as ReturnType<typeof figma.createRectangle>;
      inner.fills = [red];
      for (const edit of [
        () => inner.resize(1, 1),
        () => inner.remove(),
        () => Object.assign(inner, { x: 1 }),
        () => Object.assign(inner, { isMask: true }),
        () => instance.appendChild(figma.createRectangle()),
        () => figma.group([inner], figma.currentPage, 0),
      ]) {
        assert.throws(edit, /instance/);
      }
      assert.throws(() => instance.mainComponent, /dynamic-page/);
    });
  });

  test('a section is held by pages and sections only, a component set holds components only', () => {
    const app = open();
    app.draw((figma) => {
      assert.throws(() => figma.createFrame().appendChild(figma.createSection()), /Cannot move node/);
      const set = figma.combineAsVariants([figma.createComponent()], figma.currentPage, 0);
      assert.throws(() => set.appendChild(figma.createRectangle()), /Cannot move node/);
    });
  });

  test('text is written with a loaded font', async () => {
    const app = open();
    const write = () =>
      app.draw((figma) => {
        figma.createText().characters = 'Inlay';
      });
    assert.throws(write, /unloaded font "Inter Regular"/);
    await app.draw((figma) => figma.loadFontAsync({ family: 'Inter', style: 'Regular' }));
    write();
  });
});

describe('limits', () => {
  test('plugin data ends at 100 kB, with the names of plugin and key in it', () => {
    const app = open();
    app.draw((figma) => {
      const rectangle = figma.createRectangle();
      rectangle.setPluginData('key', 'x'.repeat(100_000 - 'samplekey'.length));
      assert.throws(() => rectangle.setPluginData('key', 'x'.repeat(100_001 - 'samplekey'.length)), /100 kB/);
    });
  });

  test('images are PNG, JPEG or GIF by their bytes, and no side of them over 4096', async () => {
    const app = open();
    const png = await pngOf({ width: 4096, height: 1, data: gradient(4096, 1) });
    const tooLong = await pngOf({ width: 4097, height: 1, data: gradient(4097, 1) });
    const image = app.draw((figma) => figma.createImage(png));
    assert.deepEqual(await image.getSizeAsync(), { width: 4096, height: 1 });
    assert.deepEqual(await image.getBytesAsync(), png);
    app.draw((figma) => {
      assert.throws(() => figma.createImage(tooLong), /too large/);
      assert.throws(() => figma.createImage(new TextEncoder().encode('RIFF....WEBP')), /unsupported/);
      assert.throws(() => figma.createImage(new Uint8Array(0)), /too small/);
      assert.equal(figma.getImageByHash('unknown'), null);
    });
  });

  test('client storage keeps copies, and ends at 5 MB', async () => {
    const { storage } = open();
    const value = { token: 'a' };
    await storage.setAsync('key', value);
    value.token = 'b';
    assert.deepEqual(await storage.getAsync('key'), { token: 'a' });
    await assert.rejects(storage.setAsync('large', 'x'.repeat(5_000_000)), /quota/);
  });
});

describe('a file that is read page by page', () => {
  test('shows the children of pages that were loaded, and has no synchronous getters', async () => {
    const app = open(new FigmaDocument(['One', 'Two']));
    const [, two] = app.document.get(app.document.rootId).childIds;
    const { id } = app.document.add('RECTANGLE', two!);
    await app.draw(async (figma) => {
      const page = figma.root.children[1]!;
      assert.throws(() => page.children, /explicitly loaded/);
      assert.throws(() => figma.getNodeById(id), /dynamic-page/);
      assert.throws(() => Object.assign(figma, { currentPage: page }), /dynamic-page/);
      await page.loadAsync();
      assert.equal(page.children[0]?.id, id);
    });
  });

  test('a selection is of one page', () => {
    const app = open(new FigmaDocument(['One', 'Two']));
    const [, two] = app.document.get(app.document.rootId).childIds;
    assert.throws(() => app.document.select([app.document.add('RECTANGLE', two!).id]), /only include nodes/);
  });
});

describe('undo', () => {
  test('takes back what a plugin has not committed in one step, and each commit by itself', () => {
    const app = open();
    const { document } = app;
    const plugin = (count: number, isCommitted: boolean) => {
      for (let i = 0; i < count; i++) document.add('RECTANGLE', document.currentPageId);
      if (isCommitted) document.commitUndo();
    };
    const count = () => document.get(document.currentPageId).childIds.length;
    plugin(2, true);
    plugin(1, true);
    plugin(1, false);
    plugin(1, false);
    assert.deepEqual([count(), document.undoDepth], [5, 3]);
    assert.deepEqual([app.undo(), count()], [true, 3]);
    assert.deepEqual([app.undo(), count()], [true, 2]);
    assert.deepEqual([app.undo(), count()], [true, 0]);
    assert.equal(app.undo(), false);
  });

  test('brings back paints, places, masks, names, data and removed nodes, and what was changed and put back is no step', async () => {
    const app = open();
    const png = await pngOf({ width: 4, height: 4, data: gradient(4, 4) });
    const id = app.draw((figma) => figma.createRectangle().id);
    const before = app.document.snapshot();
    app.draw((figma) => {
      const rectangle = figma.currentPage.children[0] as ReturnType<typeof figma.createRectangle>;
      Object.assign(rectangle, {
        fills: [imagePaint(app, png)],
        x: 9,
        isMask: true,
        name: 'other',
        opacity: 0,
      });
      rectangle.setPluginData('key', 'value');
      rectangle.remove();
    });
    app.undo();
    assert.deepEqual(app.document.snapshot(), before);
    const depth = app.document.undoDepth;
    app.document.patch(id, { opacity: 0 });
    app.document.patch(id, { opacity: 1 });
    assert.equal(app.document.undoDepth, depth);
  });
});
