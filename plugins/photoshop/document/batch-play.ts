/** Photoshop's action commands, for what its document object model lacks. */
import type { Descriptor, PhotoshopAction } from '../api/photoshop.ts';

/**
 * Runs one command. Rejects with an `Error` in Photoshop's words: `batchPlay` itself resolves all the same, with an item
 * that says so.
 */
export async function play(action: PhotoshopAction, command: Descriptor): Promise<Descriptor> {
  const [result] = await action.batchPlay([command], {});
  if (result?._obj === 'error') {
    throw new Error(
      `Photoshop refused "${command._obj}": ${String(result.message ?? 'no reason given')} (${String(result.result)})`,
    );
  }
  return result ?? { _obj: command._obj };
}

const activeLayer = { _ref: 'layer', _enum: 'ordinal', _value: 'targetEnum' };
const layerMask = { _ref: 'channel', _enum: 'channel', _value: 'mask' };

export function selectLayer(action: PhotoshopAction, layerId: number): Promise<Descriptor> {
  return play(action, {
    _obj: 'select',
    _target: [{ _ref: 'layer', _id: layerId }],
    makeVisible: false,
  });
}

/** With no layer active, the next one that is made goes to the top of all. */
export function selectNoLayer(action: PhotoshopAction): Promise<Descriptor> {
  return play(action, { _obj: 'selectNoLayers', _target: [activeLayer] });
}

/** Of the active layer. With `revealSelection` Photoshop drops the selection. */
export function makeLayerMask(
  action: PhotoshopAction,
  using: 'hideAll' | 'revealSelection',
): Promise<Descriptor> {
  return play(action, {
    _obj: 'make',
    new: { _class: 'channel' },
    at: layerMask,
    using: { _enum: 'userMaskEnabled', _value: using },
  });
}

/** Of the active layer. */
export function deleteLayerMask(action: PhotoshopAction): Promise<Descriptor> {
  return play(action, { _obj: 'delete', _target: [layerMask] });
}
