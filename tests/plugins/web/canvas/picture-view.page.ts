/** What the tests of picture-view.ts run in the browser. */
import { maskedPreview } from '../../../../plugins/web/canvas/masked-preview.ts';
import type { ViewOverlay } from '../../../../plugins/web/canvas/overlay.ts';
import { PictureView } from '../../../../plugins/web/canvas/picture-view.ts';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import {
  addLayer,
  createDocument,
  type PictureDocument,
  updateLayer,
  withSelection,
} from '../../../../plugins/web/document/picture-document.ts';
import { Selection } from '../../../../plugins/web/document/selection.ts';
import { layerOf, noiseRaster } from '../document/arbitraries.ts';

const size = { width: 300, height: 200 };
const canvas = document.createElement('canvas');
const view = new PictureView(canvas);
view.setTheme({
  background: 'rgb(10 20 30)',
  checkerLight: 'rgb(255 255 255)',
  checkerDark: 'rgb(200 200 200)',
  selectionTint: 'rgb(255 0 0 / 0.5)',
  accent: 'rgb(0 0 255)',
});
let shown: PictureDocument;

/** Counts the frames that the view asks for. */
let frames = 0;
/** Milliseconds that the last of them took to draw. */
let frameMs = 0;
const request = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => {
  frames++;
  return request((time) => {
    const start = performance.now();
    callback(time);
    frameMs = performance.now() - start;
  });
};

/** Until the view asks for no more frames. */
async function settled(): Promise<void> {
  for (let before = -1; before !== frames; ) {
    before = frames;
    await new Promise((resolve) => request(() => request(resolve)));
  }
}

function show(document: PictureDocument): Promise<void> {
  shown = document;
  view.setDocument(document);
  return settled();
}

function opaqueDocument(width: number, height: number): PictureDocument {
  const raster = noiseRaster({ width, height }, 7);
  for (let i = 3; i < raster.data.length; i += 4) raster.data[i] = 255;
  return createDocument('photo.jpg', raster);
}

const pixelsOf = (left: number, top: number, width: number, height: number) =>
  canvas.getContext('2d')!.getImageData(left, top, width, height).data;

export async function start(devicePixelRatio: number): Promise<readonly number[]> {
  view.setSize({ ...size, devicePixelRatio });
  await show(opaqueDocument(1200, 1000));
  return [canvas.width, canvas.height];
}

/** How many device pixels are not those of the document at an integer scale with (left, top) in the corner. */
export async function differences(scale: number, left: number, top: number): Promise<number> {
  view.setViewport({ scale: scale / (canvas.width / size.width), origin: { x: left, y: top } });
  await settled();
  const [width, height] = [Math.floor(canvas.width / scale), Math.floor(canvas.height / scale)];
  const expected = flattened(shown, { left, top, width, height }).data;
  const pixels = pixelsOf(0, 0, width * scale, height * scale);
  let different = 0;
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 4;
      const at = (y * width * scale + x) * 4;
      if ([0, 1, 2, 3].some((c) => expected[from + c] !== pixels[at + c])) different++;
    }
  }
  return different;
}

export async function changeLayers(): Promise<void> {
  const bounds = { left: 500, top: 480, width: 90, height: 70 };
  const layer = layerOf('a', bounds, { canvas: shown.size });
  for (const { raster } of layer.variations) {
    for (let i = 3; i < raster.data.length; i += 4) raster.data[i] = 255;
  }
  await show(addLayer(shown, layer));
  await show(updateLayer(shown, 'a', { opacity: 0.4, shown: 1 }));
}

export async function framesWhenIdle(): Promise<number> {
  await settled();
  const before = frames;
  await new Promise((resolve) => setTimeout(resolve, 150));
  return frames - before;
}

/** One pixel of the screen with the whole document at 1:1 in the corner. */
export async function pixelWith(
  overlay: Partial<ViewOverlay>,
  at: readonly [number, number],
): Promise<readonly number[]> {
  view.setViewport({ scale: 1, origin: { x: 0, y: 0 } });
  view.setOverlay(overlay);
  await settled();
  return [...pixelsOf(at[0], at[1], 1, 1)];
}

/** A grey document with a layer that makes it white, half selected, on a canvas that is larger than it. */
export async function showFlat(): Promise<void> {
  const flat = (value: number, alpha: number) => {
    const data = new Uint8ClampedArray(100 * 100 * 4).fill(value);
    for (let i = 3; i < data.length; i += 4) data[i] = alpha;
    return { width: 100, height: 100, data };
  };
  const bounds = { left: 0, top: 0, width: 100, height: 100 };
  let flatDocument = createDocument('flat.png', flat(100, 255));
  flatDocument = addLayer(
    flatDocument,
    layerOf('white', bounds, {
      canvas: bounds,
      variations: [{ raster: flat(255, 255), request: { operation: 'fill' } }],
      mask: new Uint8Array(10_000).fill(255),
    }),
  );
  const right = { left: 50, top: 0, width: 50, height: 100 };
  await show(withSelection(flatDocument, Selection.empty(bounds).withRectangle(right, 'add')));
}

export async function showTransparent(): Promise<void> {
  await show(createDocument('empty.png', { width: 100, height: 100, data: new Uint8ClampedArray(40_000) }));
}

/** Milliseconds of drawing each of 60 frames of panning over a document of 24 megapixels that is already painted. */
export async function panTimes(): Promise<readonly number[]> {
  view.setSize({ width: 1200, height: 800, devicePixelRatio: 1 });
  const data = new Uint8ClampedArray(6000 * 4000 * 4).fill(255);
  await show(createDocument('large.jpg', { width: 6000, height: 4000, data }));
  view.setViewport({ scale: 0.19, origin: { x: 0, y: 0 } });
  await settled();
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    view.setViewport({ scale: 0.19, origin: { x: i * 10, y: i * 5 } });
    await new Promise(request);
    times.push(frameMs);
  }
  return times.sort((a, b) => a - b);
}

export function destroy(): void {
  view.destroy();
}

/** Pixels of a green preview of a part of the picture: inside the selection, at its soft rim, and outside. */
export async function maskedPixels(): Promise<readonly (readonly number[])[]> {
  const green = new OffscreenCanvas(4, 4);
  const context = green.getContext('2d')!;
  context.fillStyle = 'rgb(0 255 0)';
  context.fillRect(0, 0, 4, 4);
  const bounds = { left: 100, top: 50, width: 40, height: 20 };
  const mask = new Uint8Array([255, 128, 0]);
  const place = { left: 110, top: 60, width: 3, height: 1 };
  const selection = Selection.fromMask(mask, place, { width: 300, height: 200 });
  const image = maskedPreview(await createImageBitmap(green), { bounds, selection });
  const probe = new OffscreenCanvas(40, 20).getContext('2d')!;
  probe.drawImage(image, 0, 0);
  return [10, 11, 12].map((x) => [...probe.getImageData(x, 10, 1, 1).data]);
}

/** How many of the pixels along a side of a frame are light, and how many dark; the view is as large as the picture. */
export async function frameShades(): Promise<{ readonly light: number; readonly dark: number }> {
  view.setSize({ ...size, devicePixelRatio: 1 });
  view.setViewport({ scale: 1, origin: { x: 0, y: 0 } });
  await show(opaqueDocument(300, 200));
  const bounds = { left: 40, top: 30, width: 200, height: 100 };
  view.setOverlay({ contextFrame: { bounds, label: 'Seen' } });
  await settled();
  const row = pixelsOf(100, 130, 100, 1);
  view.setOverlay({ contextFrame: null });
  await settled();
  const shades = [...Array(100).keys()].map((x) => Math.min(...row.slice(x * 4, x * 4 + 3)));
  return {
    light: shades.filter((shade) => shade > 150).length,
    dark: shades.filter((shade) => shade < 120).length,
  };
}
