/** What the panel's fields say, as an order for the editor. */
import type { Capabilities, JobRequest } from '../../../bridge/protocol/messages.ts';
import { type ControlSource, frameSource } from '../store/controls.ts';
import { type DiffusionSettings, drawingModel } from '../store/diffusion-settings.ts';
import { isSameSize, type PictureSize } from '../store/picture-size.ts';
import {
  expandRequest,
  fillRequest,
  generateRequest,
  type RequestFields,
  removeRequest,
  upscaleRequest,
  varyRequest,
} from '../store/requests.ts';
import { modelSideOf } from '../store/usable-settings.ts';
import type { Offer, Order, PanelOperation, Place, Recipe } from './editor-host.ts';
import { lackOf, needsPrompt, takesControls } from './operations.ts';
import type { Choices } from './panel-fields.ts';

export interface OrderFields {
  readonly operation: PanelOperation;
  readonly settings: DiffusionSettings;
  readonly choices: Choices;
  /** Nothing while the server has not said. */
  readonly capabilities: Capabilities | undefined;
  /** What the editor offers of the operation. */
  readonly offer: Offer | undefined;
  /** Once more where an earlier result is. */
  readonly place?: Place | undefined;
  /** Pictures that a control may follow, besides the one that is worked on. */
  readonly controlSources?: readonly ControlSource[] | undefined;
}

export function orderOf(fields: OrderFields): Order {
  const { operation, choices, capabilities, offer, place } = fields;
  const request = requestOf(fields);
  const scope = place === undefined ? scopeOf(offer, choices) : undefined;
  const modelSide = modelSideOf(request, capabilities);
  return {
    operation,
    request,
    ...(scope !== undefined && { scopeId: scope.id }),
    ...(operation === 'expand' && place === undefined && { margins: choices.margins }),
    ...(place !== undefined && { place }),
    ...(modelSide !== undefined && { modelSide }),
  };
}

/** The chosen one where it is still there, else the likeliest. */
export function scopeOf(offer: Offer | undefined, { scopeId }: Pick<Choices, 'scopeId'>) {
  return offer?.scopes?.find(({ id }) => id === scopeId) ?? offer?.scopes?.[0];
}

function requestOf({
  operation,
  settings,
  choices,
  capabilities,
  offer,
  controlSources,
}: OrderFields): JobRequest {
  const { count, seed, scale, upscaler: model } = choices;
  const used = takesControls(operation) ? settings : withoutControls(settings);
  const fields: RequestFields = { settings: used, capabilities, count, seed, controlSources };
  switch (operation) {
    case 'fill':
      return fillRequest(fields);
    case 'remove':
      return removeRequest(fields);
    case 'expand':
      return expandRequest(fields);
    case 'vary':
      return varyRequest(fields);
    case 'generate':
      return {
        ...generateRequest(fields),
        ...(offer?.takesSize && newSizeOf({ settings, choices, capabilities })),
      };
    case 'mockup':
    case 'sketch':
      return generateRequest(fields);
    case 'upscale':
      return upscaleRequest({ scale, model: isThere(model, capabilities) ? model : undefined });
  }
}

/** The chosen one where the model proposes it; nothing: its usual one. */
function newSizeOf({
  settings,
  choices: { newSize },
  capabilities,
}: Pick<OrderFields, 'settings' | 'choices' | 'capabilities'>): PictureSize | undefined {
  const model = capabilities && drawingModel(capabilities, 'generate', settings);
  return newSize && model?.hints?.sizes.find((size) => isSameSize(size, newSize));
}

function withoutControls({ controls: _, ...settings }: DiffusionSettings): DiffusionSettings {
  return settings;
}

/** One of an earlier visit may have gone. */
function isThere(upscaler: string | undefined, capabilities: Capabilities | undefined): boolean {
  const models = capabilities?.models ?? [];
  return models.some(({ kind, name, problem }) => kind === 'upscaler' && name === upscaler && !problem);
}

/** Why it cannot be run now, and what to do, in a sentence or two; nothing where it can. */
export function obstacleOf(fields: OrderFields): string | undefined {
  const { operation, settings, choices, capabilities, offer, place } = fields;
  if (capabilities === undefined) return 'Waiting for Inlay.';
  const lack = lackOf(operation, capabilities);
  if (lack !== undefined) return lack;
  if (place === undefined) {
    if (offer === undefined) return 'There is nothing here to do that with.';
    if (offer.reason !== undefined) return offer.reason;
    const { left, top, right, bottom } = choices.margins;
    if (operation === 'expand' && left + top + right + bottom === 0)
      return 'Say first how far it is to grow.';
  }
  if (operation === 'sketch' && place === undefined && !followsFrame(settings)) {
    return 'No control follows the frame. Add it under Controls.';
  }
  if (needsPrompt(operation) && settings.prompt.trim() === '') return 'Say first what is to be seen.';
  return undefined;
}

function followsFrame({ controls = [] }: DiffusionSettings): boolean {
  return controls.some(({ imageId }) => imageId === frameSource.id);
}

const seedRange = 2 ** 32;

/** `next`: the seeds after those of the result; `random`: others; `same`: the very picture, of what is there now. */
export type SeedChoice = 'next' | 'random' | 'same';

/** What a result was made by, once more in its place. */
export function repeatedOrder(recipe: Recipe, { seeds, count, capabilities }: RepeatOptions): Order {
  const { operation, place } = recipe;
  const request = withSeeds(withoutGeometry(recipe.request), { seeds, made: recipe.count, count });
  const modelSide = modelSideOf(request, capabilities);
  return { operation, request, place, ...(modelSide !== undefined && { modelSide }) };
}

export interface RepeatOptions {
  readonly seeds: SeedChoice;
  readonly count: number;
  readonly capabilities: Capabilities | undefined;
}

function withSeeds(
  request: JobRequest,
  { seeds, made, count }: { readonly seeds: SeedChoice; readonly made: number; readonly count: number },
): JobRequest {
  if (request.operation === 'upscale' || request.operation === 'control-map') return request;
  const { seed = 0, ...others } = request;
  switch (seeds) {
    case 'next':
      return { ...others, seed: (seed + made) % seedRange, count };
    case 'random':
      return { ...others, count };
    case 'same':
      return { ...others, seed, count: made };
  }
}

/** What is for the editor to say is left out. */
function withoutGeometry(request: JobRequest): JobRequest {
  const sides = request.operation === 'generate' ? [] : ['width', 'height'];
  const names = ['output', 'resultArea', 'left', 'top', 'right', 'bottom', ...sides];
  const kept = Object.entries(request).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept) as unknown as JobRequest;
}
