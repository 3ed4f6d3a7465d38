import type { Operation } from '../../../bridge/protocol/messages.ts';

/** What the operations are called on buttons and layers. */
export const operationNames: Readonly<Record<Operation, string>> = {
  remove: 'Remove',
  fill: 'Fill',
  expand: 'Expand',
  upscale: 'Upscale',
  generate: 'Generate',
  vary: 'Vary',
  'control-map': 'Control map',
};
