/** Layers that a drawing follows, as requests name their images: Figma's ids have signs that the wire does not take. */
import { idPattern } from '../../../bridge/protocol/limits.ts';

const prefix = 'layer-';
/** `12:34`, and of what is inside an instance `I12:34;5:6`. */
const nodeIdPattern = /^I?\d+:\d+(;\d+:\d+)*$/;

/** Nothing for a layer that cannot be named: one deep inside of instances. */
export function layerImageId(nodeId: string): string | undefined {
  if (!nodeIdPattern.test(nodeId)) return undefined;
  const imageId = prefix + nodeId.replace(/:/g, '-').replace(/;/g, '_');
  return idPattern.test(imageId) ? imageId : undefined;
}

/** Nothing for what is no layer, e.g. a file. */
export function layerOfImage(imageId: string): string | undefined {
  if (!imageId.startsWith(prefix)) return undefined;
  const nodeId = imageId.slice(prefix.length).replace(/-/g, ':').replace(/_/g, ';');
  return nodeIdPattern.test(nodeId) ? nodeId : undefined;
}
