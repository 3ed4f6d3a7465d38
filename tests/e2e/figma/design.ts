/** Small designs to work on, and how what became of them is compared. */
import assert from 'node:assert/strict';
import type { FigmaApp } from '../../hosts/figma/figma-app.ts';
import type { NodeRecord } from '../../hosts/figma/node-record.ts';
import { imagePaint, type Pixels, pixelsOf, pngOf } from '../../hosts/figma/pictures.ts';
import { waves } from '../sample-pictures.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export async function wavesPng(width: number, height: number): Promise<Uint8Array> {
  return pngOf(waves(width, height));
}

/** A rectangle with waves in it, as large as they are. */
export async function addImage(app: FigmaApp, { x, y, width, height }: Box, name = 'Photo'): Promise<string> {
  const png = await wavesPng(width, height);
  return app.draw((figma) => {
    const rectangle = figma.createRectangle();
    rectangle.resize(width, height);
    Object.assign(rectangle, { name, x, y, fills: [imagePaint(app, png)] });
    return rectangle.id;
  });
}

/** A shape to be filled, drawn over something. */
export function addEllipse(app: FigmaApp, { x, y, width, height }: Box, name = 'Hole'): string {
  return app.draw((figma) => {
    const ellipse = figma.createEllipse();
    ellipse.resize(width, height);
    Object.assign(ellipse, { name, x, y });
    return ellipse.id;
  });
}

export function record(app: FigmaApp, id: string): NodeRecord {
  return app.document.get(id);
}

export function childrenOf(app: FigmaApp, id: string): readonly NodeRecord[] {
  return record(app, id).childIds.map((childId) => record(app, childId));
}

/** The one group with a mask that a fill has left on the page or in a frame. */
export function resultGroup(app: FigmaApp, parentId = app.document.currentPageId): NodeRecord {
  const groups = childrenOf(app, parentId).filter(({ type }) => type === 'GROUP');
  assert.equal(groups.length, 1, 'one group');
  return groups[0]!;
}

/** The pixels of the image that a node is filled with. */
export async function imageIn(app: FigmaApp, { fills }: NodeRecord): Promise<Pixels> {
  assert.ok(fills !== 'mixed');
  const paint = fills.find(({ type }) => type === 'IMAGE');
  assert.ok(paint?.type === 'IMAGE' && paint.imageHash !== null);
  return pixelsOf(app.document.images.bytes(paint.imageHash));
}

/** Where two pictures of one size differ, as a count of pixels that `where` asks for. */
export function differences(
  a: Pixels,
  b: Pixels,
  where: (x: number, y: number) => boolean = () => true,
): number {
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  let count = 0;
  for (let y = 0, at = 0; y < a.height; y++) {
    for (let x = 0; x < a.width; x++, at += 4) {
      if (where(x, y) && a.data.compare(b.data, at, at + 4, at, at + 4) !== 0) count++;
    }
  }
  return count;
}

/** Whatever a step has done, one undo takes it back, all of it. */
export async function assertOneStep(app: FigmaApp, act: () => Promise<void>): Promise<void> {
  const before = app.document.snapshot();
  const depth = app.document.undoDepth;
  await act();
  assert.equal(app.document.undoDepth, depth + 1, 'one step of undo');
  const done = app.document.snapshot();
  assert.equal(app.undo(), true);
  assert.deepEqual(app.document.snapshot(), before);
  app.document.restore(done);
}
