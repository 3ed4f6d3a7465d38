import type { ControlKind, ModelFamily, ModelInfo, ModelKind } from '../../engine/api.ts';
import type { ModelOperation, ModelRequest } from '../protocol/messages.ts';
import { isMini, miniModelName } from '../protocol/mini-model.ts';

/** What an operation without a prompt needs; `undefined` where there is none without. */
const promptlessKinds: Record<ModelOperation, ModelKind | undefined> = {
  fill: 'fill',
  remove: 'fill',
  expand: 'fill',
  upscale: 'upscaler',
  generate: undefined,
  vary: undefined,
};

/** What an operation uses when it is there: for upscaling the shipped network that is right for photographs, and fast. */
const preferredModels: Partial<Record<ModelOperation, string>> = { upscale: 'realesr-general-x4v3' };

/** Which checkpoint does best what an operation wants of a prompt; operations without one take no prompt. */
const promptVariants: Partial<Record<ModelOperation, ModelInfo['variant']>> = {
  fill: 'inpainting',
  expand: 'inpainting',
  generate: 'base',
  vary: 'base',
};

/** The kind of model that a request is for. */
export function modelKindOf(request: ModelRequest): ModelKind {
  const hasPrompt = 'prompt' in request && request.prompt !== undefined;
  return hasPrompt ? 'checkpoint' : (promptlessKinds[request.operation] ?? 'checkpoint');
}

/** The model of a request that names none and has no prompt: the preferred one, else the first usable one of its kind. */
export function defaultModel(operation: ModelOperation, models: readonly ModelInfo[]): ModelInfo | undefined {
  const kind = promptlessKinds[operation];
  if (kind === undefined) return promptModel(operation, models);
  const usable = models.filter((model) => model.kind === kind && model.problem === undefined);
  return usable.find(({ name }) => name === preferredModels[operation]) ?? usable[0];
}

/**
 * The model of a request that names none but has a prompt: a checkpoint made for it, else one that can do it too. The one
 * that comes with Inlay draws only when there is no other, whatever it was made for.
 */
export function promptModel(operation: ModelOperation, models: readonly ModelInfo[]): ModelInfo | undefined {
  const wanted = promptVariants[operation];
  if (wanted === undefined) return undefined;
  const usable = models.filter(
    ({ kind, variant, problem }) => kind === 'checkpoint' && variant !== 'pix2pix' && problem === undefined,
  );
  const others = usable.filter(({ name }) => name !== miniModelName);
  return others.find(({ variant }) => variant === wanted) ?? others[0] ?? usable[0];
}

/** The installed ControlNet for such maps that fits the checkpoint: one made for them alone, else one for several. */
export function defaultControlNet(
  kind: ControlKind,
  checkpoint: ModelInfo,
  models: readonly ModelInfo[],
): ModelInfo | undefined {
  const usable = models.filter(
    (model) =>
      model.kind === 'controlnet' &&
      model.problem === undefined &&
      model.family === checkpoint.family &&
      // Of its family by its layout, but far narrower.
      isMini(model.name) === isMini(checkpoint.name) &&
      model.controlKinds?.includes(kind),
  );
  return usable.find(({ controlKinds }) => controlKinds?.length === 1) ?? usable[0];
}

/** Published files, as their own folders call them. */
const publishedControlNets: Partial<Record<ModelFamily, Partial<Record<ControlKind, string>>>> = {
  sd1: {
    canny: 'control_v11p_sd15_canny',
    lineart: 'control_v11p_sd15_lineart',
    scribble: 'control_v11p_sd15_scribble',
    softedge: 'control_v11p_sd15_softedge',
    depth: 'control_v11f1p_sd15_depth',
    pose: 'control_v11p_sd15_openpose',
    normal: 'control_v11p_sd15_normalbae',
    segmentation: 'control_v11p_sd15_seg',
    tile: 'control_v11f1e_sd15_tile',
    inpaint: 'control_v11p_sd15_inpaint',
  },
  sd2: {
    canny: 'controlnet-sd21-canny',
    lineart: 'controlnet-sd21-lineart',
    scribble: 'controlnet-sd21-scribble',
    softedge: 'controlnet-sd21-hed',
    depth: 'controlnet-sd21-depth',
    pose: 'controlnet-sd21-openpose',
    normal: 'controlnet-sd21-normalbae',
    segmentation: 'controlnet-sd21-ade20k',
    palette: 'controlnet-sd21-color',
  },
  sdxl: {
    canny: 'controlnet-union-sdxl-1.0',
    lineart: 'controlnet-union-sdxl-1.0',
    scribble: 'controlnet-union-sdxl-1.0',
    softedge: 'controlnet-union-sdxl-1.0',
    depth: 'controlnet-union-sdxl-1.0',
    pose: 'controlnet-union-sdxl-1.0',
    normal: 'controlnet-union-sdxl-1.0',
    segmentation: 'controlnet-union-sdxl-1.0',
    tile: 'controlnet-union-sdxl-1.0-promax',
    inpaint: 'controlnet-union-sdxl-1.0-promax',
  },
};

/** Which ControlNet to get for such maps; none that is known for some, nor for the checkpoint that comes with Inlay. */
export function recommendedControlNet(kind: ControlKind, { name, family }: ModelInfo): string | undefined {
  return family === undefined || isMini(name) ? undefined : publishedControlNets[family]?.[kind];
}
