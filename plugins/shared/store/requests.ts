/** What the fields of a page or a panel say, as requests; sizes, areas and the output's format are added by who knows them. */
import type {
  Capabilities,
  ExpandRequest,
  FillRequest,
  GenerateRequest,
  RemoveRequest,
  UpscaleRequest,
  VaryRequest,
} from '../../../bridge/protocol/messages.ts';
import type { ControlSource } from './controls.ts';
import {
  type DiffusionSettings,
  expandFields,
  fillFields,
  generateFields,
  type PromptOperation,
  varyFields,
} from './diffusion-settings.ts';
import { hasWordsFor, usableSettings } from './usable-settings.ts';

/** How many pictures, and of which seed. */
export interface Batch {
  readonly count: number;
  /** Nothing: another one each time. */
  readonly seed?: number | undefined;
}

export interface RequestFields extends Batch {
  readonly settings: DiffusionSettings;
  /** Nothing while the server has not said. */
  readonly capabilities: Capabilities | undefined;
  /** Pictures that a control may follow, besides the one that is worked on. */
  readonly controlSources?: readonly ControlSource[] | undefined;
}

/** Without words its surroundings say what is to be seen. */
export function fillRequest(fields: RequestFields): FillRequest {
  const words = hasWords(fields, 'fill') && fillFields(usable(fields, 'fill'));
  return { operation: 'fill', ...words, ...batchOf(fields) };
}

export function removeRequest(fields: Batch): RemoveRequest {
  return { operation: 'remove', ...batchOf(fields) };
}

/** Without words its surroundings say what is to be seen. */
export function expandRequest(fields: RequestFields): ExpandRequest {
  const words = hasWords(fields, 'expand') && expandFields(usable(fields, 'expand'));
  return { operation: 'expand', ...words, ...batchOf(fields) };
}

export function varyRequest(fields: RequestFields): VaryRequest {
  return { operation: 'vary', ...varyFields(usable(fields, 'vary')), ...batchOf(fields) };
}

export function generateRequest(fields: RequestFields): GenerateRequest {
  return { operation: 'generate', ...generateFields(usable(fields, 'generate')), ...batchOf(fields) };
}

export interface UpscaleFields {
  readonly scale: number;
  /** Nothing: the server's default. */
  readonly model?: string | undefined;
}

export function upscaleRequest({ scale, model }: UpscaleFields): UpscaleRequest {
  return { operation: 'upscale', scale, ...(model !== undefined && { model }) };
}

function batchOf({ count, seed }: Batch): { readonly count: number; readonly seed?: number } {
  return { count, ...(seed !== undefined && { seed }) };
}

function hasWords({ settings, capabilities }: RequestFields, operation: PromptOperation): boolean {
  return hasWordsFor(settings, { capabilities, operation });
}

function usable(
  { settings, capabilities, controlSources }: RequestFields,
  operation: PromptOperation,
): DiffusionSettings {
  return usableSettings(settings, { capabilities, operation, controlSources });
}
