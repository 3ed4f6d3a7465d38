/** `exportAsync`: a node as a PNG or JPEG. */
import type {
  ExportSettings,
  ExportSettingsImage,
  Rect,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import sharp from 'sharp';
import type { FigmaDocument } from './figma-document.ts';
import { Rasteriser, type View } from './rasteriser.ts';
import { contentBounds } from './render-bounds.ts';
import { compose, translation } from './transform.ts';

const nothingVisible = 'in exportAsync: Failed to export node. This node may not have any visible layers.';

/**
 * What Figma exports: of `useAbsoluteBounds` the whole of the node's box, else no more than is visible; alone, or with
 * `contentsOnly: false` whatever else is seen there. A scaled node that does not lie on whole pixels gets those that it touches.
 */
export async function exportNode(
  document: FigmaDocument,
  id: string,
  settings: ExportSettings = { format: 'PNG' },
): Promise<Uint8Array> {
  if (settings.format !== 'PNG' && settings.format !== 'JPG')
    throw new Error(`not modelled: exporting as ${settings.format}`);
  const { contentsOnly = true, useAbsoluteBounds = false, format } = settings;
  const isPage = document.get(id).type === 'PAGE';
  const visible = isPage ? undefined : contentBounds(document, id);
  const bounds = useAbsoluteBounds && document.get(id).visible ? document.absoluteBox(id) : visible;
  if (bounds === undefined) throw new Error(nothingVisible);
  const view = viewOf(bounds, settings);
  if (view.width < 1 || view.height < 1) throw new Error(nothingVisible);
  const rasteriser = new Rasteriser(document, view);
  const pageId = document.pageOf(id)!;
  const layer = contentsOnly
    ? await rasteriser.drawAlone(id)
    : await rasteriser.draw(document.get(pageId).childIds);
  const raw = { width: view.width, height: view.height, channels: 4 as const };
  const picture = sharp(layer.toBytes(), { raw });
  const encoded =
    format === 'PNG' ? picture.png({ compressionLevel: 1 }) : picture.flatten({ background: 'white' }).jpeg();
  return Uint8Array.from(await encoded.toBuffer());
}

function viewOf({ x, y, width, height }: Rect, { constraint }: ExportSettingsImage): View {
  const { type, value } = constraint ?? { type: 'SCALE', value: 1 };
  if (!(value > 0)) throw new Error(`in exportAsync: Expected a constraint above 0, received ${value}`);
  if (type === 'SCALE') {
    const [left, top] = [touched(x * value, Math.floor), touched(y * value, Math.floor)];
    return {
      width: touched((x + width) * value, Math.ceil) - left,
      height: touched((y + height) * value, Math.ceil) - top,
      transform: scaling(value, -left, -top),
    };
  }
  const scale = value / (type === 'WIDTH' ? width : height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    transform: scaling(scale, -x * scale, -y * scale),
  };
}

/** The edge of the last pixel that is touched, rounding errors apart. */
function touched(edge: number, outwards: (value: number) => number): number {
  const nearest = Math.round(edge);
  return Math.abs(edge - nearest) < 1e-6 ? nearest : outwards(edge);
}

function scaling(scale: number, x: number, y: number): View['transform'] {
  return compose(translation(x, y), [
    [scale, 0, 0],
    [0, scale, 0],
  ]);
}
