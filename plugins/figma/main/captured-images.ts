/** Images on their way to the UI, which asks for one after the other. */
import type { Rect, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Point, Size } from '../../shared/picture/geometry.ts';
import type { ImageId } from '../protocol/messages.ts';
import { pngSize } from '../protocol/png-size.ts';
import { exportSize } from '../protocol/scale.ts';
import { exportOrigin, isExportOf, reachesBeyond } from './page-geometry.ts';
import { refusal } from './refusal.ts';
import { exportBox } from './subjects.ts';

const waiting = new Map<ImageId, Uint8Array>();
let nextId: ImageId = 1;

export function keepImage(bytes: Uint8Array): ImageId {
  const id = nextId++;
  waiting.set(id, bytes);
  return id;
}

/** Once only: it is forgotten then. */
export function takeImage(id: ImageId): Uint8Array {
  const bytes = waiting.get(id);
  if (bytes === undefined) throw refusal('The captured picture is gone.', 'Try again.');
  waiting.delete(id);
  return bytes;
}

/** What a job before this one has not asked for is not wanted any more. */
export function forgetImages(): void {
  waiting.clear();
}

export interface Exported {
  readonly bytes: Uint8Array;
  /** Where on the page its first pixel begins. */
  readonly origin: Point;
  readonly pixels: Size;
}

/**
 * A layer alone as a PNG of all of its box, whatever of that is empty, in sRGB.
 *
 * @param scale Pixels of a unit.
 */
export async function exportPng(node: SceneNode, scale: number): Promise<Exported> {
  return await exportBounds(node, { scale, bounds: exportBox(node), useAbsoluteBounds: true });
}

/** The same with what is drawn outside the box, such as the soft edge that a blur makes. */
export async function exportDrawn(node: SceneNode, scale: number): Promise<Exported> {
  const box = exportBox(node);
  const drawn = 'absoluteRenderBounds' in node ? node.absoluteRenderBounds : null;
  if (drawn !== null && reachesBeyond(drawn, box)) {
    const exported = await exportBounds(node, { scale, bounds: drawn, useAbsoluteBounds: false });
    // What else came cannot be placed.
    if (isExportOf(drawn, { scale, pixels: exported.pixels })) return exported;
  }
  return await exportPng(node, scale);
}

interface ExportOptions {
  readonly scale: number;
  /** What will be in the PNG, in units. */
  readonly bounds: Rect;
  readonly useAbsoluteBounds: boolean;
}

async function exportBounds(
  node: SceneNode,
  { scale, bounds, useAbsoluteBounds }: ExportOptions,
): Promise<Exported> {
  let bytes: Uint8Array;
  try {
    bytes = await node.exportAsync({
      format: 'PNG',
      constraint: { type: 'SCALE', value: scale },
      contentsOnly: true,
      useAbsoluteBounds,
      colorProfile: 'SRGB',
    });
  } catch (error) {
    throw refusal(
      `“${node.name}” could not be exported: ${error instanceof Error ? error.message : String(error)}`,
      'See that it is visible and shows something.',
    );
  }
  const pixels = pngSize(bytes) ?? exportSize(bounds, scale);
  return { bytes, origin: exportOrigin(bounds, { scale, pixels }), pixels };
}
