/**
 * A request as a client may send it, made complete: whatever it leaves out is decided here, once, so that the same
 * request gives the same pixels ever after. Models are names only; files are for this machine's own command line.
 */
import { randomInt } from 'node:crypto';
import type {
  DiffusionSettings,
  EngineTask,
  FillDiffusion,
  ImagePayload,
  ModelInfo,
  OutputOptions,
  RepaintSettings,
} from '../../engine/api.ts';
import type { CompleteSettings } from '../../engine/control/preprocessor-list.ts';
import { EngineError } from '../../engine/errors.ts';
import { bytesPerPixel } from '../protocol/formats.ts';
import type { Limits } from '../protocol/limits.ts';
import type {
  ControlMapRequest,
  ExpandRequest,
  FillRequest,
  GenerateRequest,
  ImageOutline,
  InputRole,
  JobRequest,
  ModelRequest,
  OutputRequest,
  PaintFields,
  RemoveRequest,
  StyleCapability,
  UpscaleRequest,
  VaryRequest,
} from '../protocol/messages.ts';
import { applyStyle } from './apply-style.ts';
import { checkSize, controlImageOf, sizeOf } from './check-images.ts';
import { defaultModel, modelKindOf, promptModel } from './default-models.ts';
import { namedModel } from './named-model.ts';
import { controlSettings } from './resolve-controls.ts';
import {
  checkPromptless,
  diffusionDefaults,
  type ResolvedDiffusion,
  type ResolvedGenerate,
  type ResolvedRepaint,
  resolveGenerate,
  resolveRepaint,
} from './resolve-diffusion.ts';
import { hypernetworkSettings } from './resolve-hypernetworks.ts';
import { loraSettings } from './resolve-loras.ts';
import { resolvePreprocessor } from './resolve-preprocessor.ts';
import { refinerSettings } from './resolve-refiner.ts';
import { resolveSize } from './resolve-size.ts';

/** JPEG and WebP quality where a request names none. */
export const defaultQuality = 90;
/** Where no checkpoint is installed. */
const checkpointHint =
  'Copy a Stable Diffusion checkpoint (.safetensors) into the models folder, which `inlay models` names.';
/** Of a job without a picture whose format it could take. */
const defaultOutput: Required<OutputRequest> = { format: 'png', quality: defaultQuality };

export interface ResolveOptions {
  readonly models: readonly ModelInfo[];
  /** None: a request with a style is refused. */
  readonly styles?: readonly StyleCapability[];
  readonly limits: Limits;
  /** Unsigned 32-bit. */
  readonly randomSeed?: () => number;
}

/** A request without gaps. */
export type ResolvedRequest =
  | ResolvedFillRequest
  | ResolvedRemoveRequest
  | ResolvedExpandRequest
  | ResolvedGenerateRequest
  | ResolvedVaryRequest
  | (UpscaleRequest & { readonly model: string; readonly output: Required<OutputRequest> })
  | ResolvedControlMapRequest;
type ResolvedControlMapRequest = Omit<Required<ControlMapRequest>, 'output' | 'preprocessor'> & {
  readonly preprocessor: CompleteSettings;
  readonly output: Required<OutputRequest>;
};
type Batch = 'operation' | 'model' | 'seed' | 'count';
type ResolvedPaint = ResolvedRepaint & Required<Pick<PaintFields, 'context'>>;
/** With all that a prompt's model hears, or with nothing of it. */
type MaybePainted = ResolvedPaint | { readonly [Field in keyof ResolvedPaint]?: never };
type ResolvedFillRequest = Required<Pick<FillRequest, Batch | 'resultArea'>> &
  MaybePainted & { readonly output: Required<OutputRequest> };
type ResolvedGenerateRequest = Required<Pick<GenerateRequest, Batch | 'width' | 'height'>> &
  ResolvedGenerate & { readonly output: Required<OutputRequest> };
type ResolvedVaryRequest = Required<Pick<VaryRequest, Batch>> &
  ResolvedRepaint & { readonly output: Required<OutputRequest> };
type ResolvedRemoveRequest = Required<RemoveRequest> & { readonly output: Required<OutputRequest> };
type ResolvedExpandRequest = Required<Pick<ExpandRequest, Batch | 'left' | 'right' | 'top' | 'bottom'>> &
  MaybePainted & { readonly output: Required<OutputRequest> };

/** Throws an `EngineError` when the request asks for what cannot be. The images have been checked before. */
export function resolveRequest(
  asked: JobRequest,
  images: readonly ImageOutline[],
  options: ResolveOptions,
): ResolvedRequest {
  const { models, styles = [], limits, randomSeed = () => randomInt(2 ** 32) } = options;
  if (asked.operation === 'control-map') {
    const { operation, preprocessor, output } = asked;
    const source = imageOf('source', images);
    return {
      operation,
      preprocessor: resolvePreprocessor(preprocessor),
      output: resolveOutput(output, source),
    };
  }
  const request = applyStyle(asked, { styles, models });
  const model = resolveModel(request, models);
  const batch = (count = 1) => {
    if (count <= limits.maxCount) return count;
    throw invalid(`Expected \`count\` to be 1..${limits.maxCount}, received ${count}.`);
  };
  const diffusion = {
    operation: request.operation,
    model,
    models,
    limits,
    get vae() {
      const name = 'vae' in request ? request.vae : undefined;
      return name === undefined ? undefined : namedModel(name, models, { kind: 'vae', orKind: 'checkpoint' });
    },
    get upscaler() {
      const name = 'upscaler' in request ? request.upscaler : undefined;
      return name === undefined
        ? defaultModel('upscale', models)
        : namedModel(name, models, { kind: 'upscaler' });
    },
  };
  if (request.operation === 'generate') {
    const { operation, seed = randomSeed(), count } = request;
    return {
      operation,
      model: model.name,
      output: { ...defaultOutput, ...request.output },
      ...resolveGenerate(request, diffusion),
      ...resolveSize(request, { model, images, limits }),
      seed,
      count: batch(count),
    };
  }
  const resolvePaint = (paint: FillRequest | ExpandRequest): ResolvedPaint | undefined => {
    const { prompt, context = 'auto' } = paint;
    if (prompt === undefined) {
      checkPromptless(paint);
      return undefined;
    }
    const defaults = { ...diffusion, defaultStrength: diffusionDefaults.strength[paint.operation] };
    return { ...resolveRepaint({ ...paint, prompt }, defaults), context };
  };
  const source = imageOf('source', images);
  const output = resolveOutput(request.output, source);
  switch (request.operation) {
    case 'vary': {
      const { operation, seed = randomSeed(), count } = request;
      const defaults = { ...diffusion, defaultStrength: diffusionDefaults.strength.vary };
      const settings = resolveRepaint(request, defaults);
      return { operation, model: model.name, output, ...settings, seed, count: batch(count) };
    }
    case 'fill': {
      const { operation, seed = randomSeed(), count, resultArea = 'picture' } = request;
      const common = { operation, model: model.name, output, seed, count: batch(count), resultArea };
      const painted = resolvePaint(request);
      return painted === undefined ? common : { ...common, ...painted };
    }
    case 'remove': {
      const { operation, seed = randomSeed(), count, resultArea = 'picture' } = request;
      return { operation, model: model.name, output, seed, count: batch(count), resultArea };
    }
    case 'expand': {
      const { seed = randomSeed(), count, left = 0, right = 0, top = 0, bottom = 0 } = request;
      checkExpansion({ left, right, top, bottom }, source, limits);
      const margins = { left, right, top, bottom };
      const base = { operation: 'expand', model: model.name, output, ...margins, seed } as const;
      const common = { ...base, count: batch(count) };
      const painted = resolvePaint(request);
      return painted === undefined ? common : { ...common, ...painted };
    }
    case 'upscale':
      return {
        operation: 'upscale',
        model: model.name,
        output,
        ...resolveTarget(request, { model, source, limits }),
      };
  }
}

/** The request that gives one picture of a batch again, by itself. */
export function requestOfPicture(request: ResolvedRequest, seed: number | undefined): ResolvedRequest {
  const isSeedless = request.operation === 'upscale' || request.operation === 'control-map';
  return isSeedless || seed === undefined ? request : { ...request, seed, count: 1 };
}

/** The engine's side of a resolved request. `bytesOf` gives each picture's bytes; for an estimate there are none. */
export function toEngineTask<Image extends ImageOutline>(
  request: ResolvedRequest,
  images: readonly Image[],
  bytesOf: (image: Image) => Uint8Array,
): EngineTask {
  const payloadOf = (image: Image): ImagePayload => {
    const { format } = image;
    return { format, ...sizeOf(image), bytes: bytesOf(image) };
  };
  const payload = (role: InputRole): ImagePayload => payloadOf(imageOf(role, images));
  const controlImage: ControlImage = (imageId) => {
    const image = controlImageOf({ imageId }, images);
    if (image === undefined) throw invalid(`Expected the control image "${imageId}", received none.`);
    return payloadOf(image);
  };
  const written = { output: request.output satisfies OutputOptions, recipe: { ...request } };
  if (request.operation === 'control-map') {
    const { operation, preprocessor } = request;
    return { ...written, operation, source: payload('source'), preprocessor };
  }
  const common = { ...written, model: { name: request.model } };
  if (request.operation === 'generate') {
    const { operation, width, height, seed, count, highResolution, highResolutionStrength } = request;
    const diffusion = { ...diffusionSettings(request, controlImage), highResolution, highResolutionStrength };
    return { ...common, operation, width, height, seed, count, diffusion };
  }
  const base = { ...common, source: payload('source') };
  switch (request.operation) {
    case 'vary': {
      const { operation, seed, count } = request;
      return { ...base, operation, seed, count, diffusion: repaintSettings(request, controlImage) };
    }
    case 'fill': {
      const { operation, seed, count, resultArea } = request;
      const task = { ...base, operation, mask: payload('mask'), seed, count, resultArea };
      return { ...task, ...paintSettings(request, controlImage) };
    }
    case 'remove': {
      const { operation, seed, count, resultArea } = request;
      return { ...base, operation, mask: payload('mask'), seed, count, resultArea };
    }
    case 'expand': {
      const { operation, left, right, top, bottom, seed, count } = request;
      return {
        ...base,
        operation,
        left,
        right,
        top,
        bottom,
        seed,
        count,
        ...paintSettings(request, controlImage),
      };
    }
    case 'upscale': {
      const { operation, scale, width, height } = request;
      const target = scale === undefined ? { width: width as number, height: height as number } : { scale };
      return { ...base, operation, target };
    }
  }
}

type ControlImage = (imageId: string) => ImagePayload;

function paintSettings(
  request: MaybePainted,
  controlImage: ControlImage,
): { readonly diffusion?: FillDiffusion } {
  if (request.prompt === undefined) return {};
  return { diffusion: { ...repaintSettings(request, controlImage), context: request.context } };
}

function repaintSettings(request: ResolvedRepaint, controlImage: ControlImage): RepaintSettings {
  const { strength, workingSize, imageGuidanceScale } = request;
  return {
    ...diffusionSettings(request, controlImage),
    strength,
    workingSize,
    ...(imageGuidanceScale !== undefined && { imageGuidanceScale }),
  };
}

function diffusionSettings(request: ResolvedDiffusion, controlImage: ControlImage): DiffusionSettings {
  const { prompt, negativePrompt, vae, upscaler, scheduler, numInferenceSteps, timesteps } = request;
  const { guidanceScale, guidanceRescale, rng, clipSkip, predictionType } = request;
  const { controls, loras, hypernetworks, refiner } = request;
  return {
    prompt,
    negativePrompt,
    ...(vae !== undefined && { vae: { name: vae } }),
    ...(upscaler !== undefined && { upscaler: { name: upscaler } }),
    scheduler,
    numInferenceSteps,
    ...(timesteps !== undefined && { timesteps }),
    guidanceScale,
    guidanceRescale,
    rng,
    clipSkip,
    ...(predictionType !== undefined && { predictionType }),
    ...(controls !== undefined && {
      controls: controls.map((control) => controlSettings(control, controlImage)),
    }),
    ...(loras !== undefined && { loras: loras.map(loraSettings) }),
    ...(hypernetworks !== undefined && { hypernetworks: hypernetworks.map(hypernetworkSettings) }),
    ...(refiner !== undefined && { refiner: refinerSettings(refiner) }),
  };
}

function imageOf<Image extends ImageOutline>(role: InputRole, images: readonly Image[]): Image {
  const image = images.find((candidate) => candidate.role === role);
  if (image === undefined) throw invalid(`Expected one ${role}, received none.`);
  return image;
}

function resolveModel(request: ModelRequest, models: readonly ModelInfo[]): ModelInfo {
  const { operation, model: name } = request;
  const kind = modelKindOf(request);
  if (name === undefined) {
    const model = kind === 'checkpoint' ? promptModel(operation, models) : defaultModel(operation, models);
    if (model !== undefined) return model;
    throw new EngineError(
      'model-not-found',
      `Expected an installed model for ${operation}, found none.`,
      kind === 'checkpoint' ? { hint: checkpointHint } : {},
    );
  }
  return namedModel(name, models, { kind });
}

/** A raw picture comes back in its own format, an encoded one as PNG, which loses nothing. */
function resolveOutput(output: OutputRequest | undefined, source: ImageOutline): Required<OutputRequest> {
  const ownFormat = bytesPerPixel(source.format) === undefined ? 'png' : source.format;
  return { ...defaultOutput, format: ownFormat, ...output };
}

type Margins = Required<Pick<ExpandRequest, 'left' | 'right' | 'top' | 'bottom'>>;

function checkExpansion(margins: Margins, source: ImageOutline, limits: Limits): void {
  const { left, right, top, bottom } = margins;
  const sides = [left, right, top, bottom];
  if (!sides.some((side) => side > 0) || sides.some((side) => side > limits.maxExpandPixels)) {
    throw invalid(
      `Expected \`left\`, \`right\`, \`top\`, \`bottom\` of ${limits.maxExpandPixels} pixels at most, one of them above 0, received ${sides.join(', ')}.`,
    );
  }
  const size = sizeOf(source);
  if (size === undefined) return;
  checkSize('the result', { width: size.width + left + right, height: size.height + top + bottom }, limits);
}

function resolveTarget(
  request: UpscaleRequest,
  {
    model,
    source,
    limits,
  }: { readonly model: ModelInfo; readonly source: ImageOutline; readonly limits: Limits },
): Pick<UpscaleRequest, 'scale' | 'width' | 'height'> {
  const { width, height } = request;
  if (
    (width === undefined) !== (height === undefined) ||
    (width !== undefined && request.scale !== undefined)
  ) {
    throw invalid('Expected either `scale`, or both `width` and `height`, received another mixture.');
  }
  if (width !== undefined && height !== undefined) {
    checkSize('the result', { width, height }, limits);
    return { width, height };
  }
  const scale = request.scale ?? model.scale;
  if (scale === undefined)
    throw invalid(`Expected \`scale\`: the model "${model.name}" has none of its own.`);
  const size = sizeOf(source);
  if (size !== undefined) {
    checkSize(
      'the result',
      { width: Math.round(size.width * scale), height: Math.round(size.height * scale) },
      limits,
    );
  }
  return { scale };
}

function invalid(message: string): EngineError {
  return new EngineError('invalid-option', message);
}
