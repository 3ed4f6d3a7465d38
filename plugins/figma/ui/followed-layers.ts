/** Layers of the page that a drawing follows: which a request names, and how main's exports of them are laid over the picture. */
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import type { Drawable } from '../../shared/browser/control-pictures.ts';
import type { Size } from '../../shared/picture/geometry.ts';
import { layerImageId, layerOfImage } from '../protocol/layer-images.ts';
import type { CapturedLayer, ImageId, LayerToFollow } from '../protocol/messages.ts';
import { decodeImage } from './pixels.ts';

/** Each once. */
export function layersToFollow(request: JobRequest): readonly LayerToFollow[] {
  const controls = 'controls' in request ? (request.controls ?? []) : [];
  const layers = new Map<string, LayerToFollow>();
  for (const { imageId, imageName } of controls) {
    const nodeId = imageId === undefined ? undefined : layerOfImage(imageId);
    if (nodeId !== undefined) layers.set(nodeId, { nodeId, name: imageName ?? 'The layer' });
  }
  return [...layers.values()];
}

/** Decoded, to be laid over pictures until they are closed. */
export class FollowedLayers {
  readonly #layers = new Map<string, { readonly layer: CapturedLayer; readonly bitmap: ImageBitmap }>();

  /** Rejects where an image is not there any more; nothing is left open then. */
  static async take(
    layers: readonly CapturedLayer[],
    takeImage: (imageId: ImageId) => Promise<Uint8Array>,
  ): Promise<FollowedLayers> {
    const taken = new FollowedLayers();
    try {
      for (const layer of layers) {
        const bitmap = await decodeImage(await takeImage(layer.image));
        taken.#layers.set(layerImageId(layer.nodeId)!, { layer, bitmap });
      }
      return taken;
    } catch (error) {
      taken.close();
      throw error;
    }
  }

  /** As large as the picture, with the layer in its place; nothing for what is no layer. */
  drawable(imageId: string, canvas: Size): Drawable | undefined {
    const taken = this.#layers.get(imageId);
    return taken && placed(taken.bitmap, taken.layer, canvas);
  }

  close(): void {
    for (const { bitmap } of this.#layers.values()) bitmap.close();
    this.#layers.clear();
  }
}

function placed(bitmap: ImageBitmap, { bounds, picture }: CapturedLayer, canvas: Size): Drawable {
  const { width, height } = picture ?? canvas;
  return {
    width,
    height,
    draw: (context, box) => {
      const [x, y] = [box.width / width, box.height / height];
      const left = box.left + bounds.left * x;
      const top = box.top + bounds.top * y;
      const size: Size = { width: bounds.width * x, height: bounds.height * y };
      const isExact =
        Number.isInteger(left) &&
        Number.isInteger(top) &&
        size.width === bitmap.width &&
        size.height === bitmap.height;
      context.imageSmoothingEnabled = !isExact;
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, left, top, size.width, size.height);
    },
  };
}
