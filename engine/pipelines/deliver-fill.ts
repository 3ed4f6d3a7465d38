import type { FillTask, RemoveTask } from '../api.ts';
import type { FillLayer } from '../fill/solve-fill.ts';
import { compositeOver } from '../image/composite.ts';
import type { Picture } from '../image/picture.ts';
import { type DeliverOptions, deliverPicture } from './deliver.ts';

/**
 * Hands a finished fill over as the task wants it: laid over the picture, or by itself with the mask that an editor
 * puts on its layer. By itself it is not mixed yet, since the editor's mask does that; the picture is not touched then.
 */
export async function deliverFill(
  layer: Omit<FillLayer, 'energy'>,
  options: DeliverOptions & { readonly task: FillTask | RemoveTask; readonly picture: Picture },
): Promise<void> {
  const { picture, ...delivery } = options;
  const { fill, mask, bounds: at } = layer;
  if (delivery.task.resultArea === 'picture') {
    return deliverPicture(compositeOver(picture, { fill, mask, at }), delivery);
  }
  await deliverPicture(fill, { ...delivery, at });
  await deliverPicture({ ...mask, channels: 1 }, { ...delivery, at, role: 'mask' });
}
