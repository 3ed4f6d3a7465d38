/** What a panel can do, by its names and in its order. */
import type { Capabilities, ModelOperation } from '../../../bridge/protocol/messages.ts';
import { operationNames } from '../store/operation-names.ts';
import type { PanelOperation } from './editor-host.ts';

/** The likeliest first. */
export const panelOperations = [
  'fill',
  'remove',
  'generate',
  'mockup',
  'sketch',
  'expand',
  'vary',
  'upscale',
] as const satisfies readonly PanelOperation[];

export const panelOperationNames: Readonly<Record<PanelOperation, string>> = {
  ...operationNames,
  mockup: 'Mockup',
  sketch: 'Sketch',
};

/** What the server is asked to do. */
export function serverOperation(operation: PanelOperation): ModelOperation {
  return operation === 'mockup' || operation === 'sketch' ? 'generate' : operation;
}

/** Whether its drawing may follow pictures. Each placeholder of a mockup has a shape of its own. */
export function takesControls(operation: PanelOperation): boolean {
  return operation !== 'mockup' && operation !== 'remove' && operation !== 'upscale';
}

/** Whether it draws words, and nothing without any. */
export function needsPrompt(operation: PanelOperation): boolean {
  return operation === 'vary' || serverOperation(operation) === 'generate';
}

/** Why a server cannot do it, and what to do; nothing for one that can. */
export function lackOf(operation: PanelOperation, capabilities: Capabilities): string | undefined {
  const offered = capabilities.operations.find((one) => one.operation === serverOperation(operation));
  if (needsPrompt(operation)) {
    return offered?.promptModel === undefined
      ? 'Inlay has no model that draws from words. Copy a Stable Diffusion checkpoint into its models folder.'
      : undefined;
  }
  return offered === undefined
    ? 'This version of Inlay cannot do that. Update Inlay and start it again.'
    : undefined;
}
