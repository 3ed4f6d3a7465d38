/**
 * Makes the pictures of the plugins' documents (`npm run picture:panels`): the built plugins remove a rocket from a
 * photo in the tests' Photoshop and Figma, and what documents and panels show then is drawn by Chromium. Look at
 * them: each removal has another seed.
 */
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { HTMLElement } from 'happy-dom';
import sharp from 'sharp';
import { buildPhotoshopPlugin } from '../plugins/packaging/photoshop-plugin.ts';
import { launchBrowser, skipWithoutBrowser } from '../tests/browser.ts';
import { FigmaWorkplace } from '../tests/e2e/figma/figma-workplace.ts';
import { insertBy, pictureOf, startPhotoshopLab } from '../tests/e2e/photoshop/photoshop-session.ts';
import { imagePaint } from '../tests/hosts/figma/pictures.ts';
import type { DocumentState, LayerState } from '../tests/hosts/photoshop/document-state.ts';
import { heightOf, rectangleOf, widthOf } from '../tests/hosts/photoshop/rectangle.ts';

const photo = readFileSync('docs/pictures/launch-pad.jpg');
/** The photo's own. */
const size = { width: 640, height: 427 };
/** Around the rocket and its tower, in the photo. */
const outline = 'M296 104 L346 104 L354 330 L358 350 L360 412 L274 412 L276 352 L294 330 Z';
const outlineBounds = { left: 274, top: 104, width: 86, height: 308 };
/** Of the pixels of the selection's soft edge. */
const feather = 2;

const leaving: (() => Promise<void>)[] = [];
const context = { after: (leave: () => Promise<void>) => leaving.unshift(leave) } as unknown as TestContext;

if (skipWithoutBrowser) throw new Error(skipWithoutBrowser);
const browser = await launchBrowser();
try {
  await draw('docs/pictures/photoshop-panel.webp', {
    ...(await photoshopScene()),
    width: 1000,
    height: 1120,
  });
  await draw('docs/pictures/figma-panel.webp', { ...(await figmaScene()), width: 1060, height: 620 });
} finally {
  for (const leave of leaving) await leave();
  await browser.close();
}

interface Scene {
  readonly theme: 'light' | 'dark';
  readonly styles: string;
  readonly body: string;
}

async function draw(
  file: string,
  { theme, styles, body, width, height }: Scene & { readonly width: number; readonly height: number },
): Promise<void> {
  const page = await browser.newPage({
    viewport: { width, height },
    deviceScaleFactor: 1.5,
    colorScheme: theme,
  });
  const surroundings = readFileSync('scripts/panel-pictures.css', 'utf8');
  await page.setContent(`<!doctype html><style>${styles}</style><style>${surroundings}</style>${body}`);
  const { size: bytes } = await sharp(await page.screenshot())
    .webp({ quality: 80 })
    .toFile(file);
  await page.close();
  console.log(`${file}: ${Math.round(bytes / 1_000)} kB`);
}

/** The document without its rocket, the panel with the result selected, and the layers. */
async function photoshopScene(): Promise<Scene> {
  const { files } = await buildPhotoshopPlugin('1.2.3');
  const lab = await startPhotoshopLab(context);
  const session = await lab.start(context);
  const { user, panel, plugin } = session;
  const { width, height } = size;
  const colors = await sharp(photo).removeAlpha().raw().toBuffer();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%"/><path d="${outline}" fill="#fff"/></svg>`;
  const selected = await sharp(Buffer.from(svg)).blur(feather).extractChannel(0).raw().toBuffer();
  const document = user.open({
    name: 'launch-pad.jpg',
    ...size,
    background: (x, y) => [0, 1, 2].map((c) => colors[(y * width + x) * 3 + c]! / 255),
  });
  user.selectSoftly(document, rectangleOf(0, 0, width, height), (x, y) => selected[y * width + x]! / 255);
  await panel.pick('Remove');
  await insertBy('Remove', session, document);
  // A fill may follow pictures.
  await panel.pick('Fill');
  await panel.unfold('Controls');
  await panel.press('Add a control');
  const picture = await address(Uint8Array.from(pictureOf(document)), size);
  const root = plugin.window.document.querySelector('uxp-panel') as unknown as HTMLElement;
  return {
    theme: 'dark',
    styles: Buffer.from(files.get('main.css')!).toString(),
    body: `<div class="editor photoshop">
      <div class="canvas"><img src="${picture}" width="${width}" alt=""></div>
      <div class="side">
        <div class="dock"><div class="dock-title">Inlay</div>${markupOf(root)}</div>
        <div class="dock"><div class="dock-title">Layers</div>${await layerRows(document.state)}</div>
      </div>
    </div>`,
  };
}

/** The panel as it is; what its fields hold is a property, which markup would not show. */
function markupOf(root: HTMLElement): string {
  for (const field of root.querySelectorAll('sp-textfield, sp-textarea, sp-dropdown')) {
    const { value, selectedIndex } = field as unknown as { value: string; selectedIndex: number };
    const option = field.querySelectorAll('sp-menu-item')[selectedIndex]?.textContent;
    const shown = option ?? value;
    field.setAttribute('data-shown', shown || (field.getAttribute('placeholder') ?? ''));
    field.toggleAttribute('data-empty', !shown);
  }
  return root.outerHTML;
}

async function layerRows({ layers, activeLayerIds, ...state }: DocumentState, depth = 0): Promise<string> {
  const rows = layers.map(async (layer) => {
    const isActive = activeLayerIds.includes(layer.id);
    const inside = await layerRows({ ...state, layers: layer.children ?? [], activeLayerIds }, depth + 1);
    return `<div class="layer ${isActive ? 'active' : ''}" style="padding-left:${12 + depth * 16}px">
      <span class="eye ${layer.isVisible ? '' : 'hidden'}">●</span>${await thumbnails(layer)}${layer.name}</div>${inside}`;
  });
  return (await Promise.all(rows)).join('');
}

async function thumbnails({ raster, mask, children }: LayerState): Promise<string> {
  if (children !== undefined) return '▾&nbsp; ';
  const pictures = [raster, mask?.raster].flatMap((one) => {
    const bounds = one?.contentBounds();
    if (one === undefined || bounds === undefined) return [];
    return [address(Uint8Array.from(one.read(bounds)), { width: widthOf(bounds), height: heightOf(bounds) })];
  });
  return (await Promise.all(pictures)).map((picture) => `<img src="${picture}" alt="">`).join('');
}

/** The page without the rocket, and the panel beside it. */
async function figmaScene(): Promise<Scene> {
  const workplace = await FigmaWorkplace.start();
  leaving.unshift(() => workplace.close());
  const app = workplace.newFile();
  const { width, height } = size;
  const png = Uint8Array.from(await sharp(photo).png().toBuffer());
  const [frameId, shapeId] = app.draw((figma) => {
    const frame = figma.createFrame();
    frame.resize(width, height);
    Object.assign(frame, { name: 'Hero', fills: [imagePaint(app, png)] });
    const shape = figma.createRectangle();
    shape.resize(outlineBounds.width, outlineBounds.height);
    Object.assign(shape, { name: 'Rocket', x: outlineBounds.left, y: outlineBounds.top });
    frame.appendChild(shape);
    return [frame.id, shape.id] as const;
  });
  app.select(shapeId);
  const panel = await workplace.open(context, app);
  await panel.choose('Remove');
  await panel.run();
  const picture = await address(await app.picture(frameId));
  const frameElement = await panel.frame.frameElement();
  const box = (await frameElement.boundingBox())!;
  const window = await address(await frameElement.screenshot());
  return {
    theme: 'light',
    styles: '',
    body: `<div class="editor figma">
      <div class="canvas"><img src="${picture}" width="${width}" alt=""></div>
      <div class="window"><div class="window-title">Inlay</div><img src="${window}" width="${box.width}" alt=""></div>
    </div>`,
  };
}

/** Of a PNG, or of raw samples: grey, RGB or RGBA. */
async function address(
  bytes: Uint8Array,
  raw?: { readonly width: number; readonly height: number },
): Promise<string> {
  const channels = raw && ((bytes.length / (raw.width * raw.height)) as 1 | 3 | 4);
  const png = raw
    ? await sharp(bytes, { raw: { ...raw, channels: channels! } })
        .png()
        .toBuffer()
    : bytes;
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
