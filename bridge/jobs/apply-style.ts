/** A style as what it stands for: a request with it is the same request with the style's words and settings in it. */
import type { ModelInfo } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import {
  type DiffusionFields,
  type ModelRequest,
  promptGap,
  type StyleCapability,
} from '../protocol/messages.ts';
import { promptModel } from './default-models.ts';
import { familyNames } from './named-model.ts';

export interface StyleOptions {
  readonly styles: readonly StyleCapability[];
  readonly models: readonly ModelInfo[];
}

/**
 * What the request says itself goes before what its style says; LoRAs and words are put together. Without words of the
 * request's own the style's are left out. A request that has no prompt keeps its style, which is refused with the rest of
 * what only a prompt's model hears. Throws `invalid-option` for a style that is not there, and `model-not-found` for one
 * whose models are not.
 */
export function applyStyle(request: ModelRequest, { styles, models }: StyleOptions): ModelRequest {
  if (!('style' in request) || request.style === undefined || request.prompt === undefined) return request;
  const { style: name, ...own } = request;
  const style = usableStyle(name, styles);
  const { checkpoint, vae, guidanceScale, clipSkip } = style;
  checkModels(style, own, models);
  return {
    ...modelOf(style, own, models),
    ...(checkpoint !== undefined && { model: checkpoint }),
    ...(vae !== undefined && { vae }),
    ...stepsWith(style, own),
    ...(guidanceScale !== undefined && { guidanceScale }),
    ...(clipSkip !== undefined && { clipSkip }),
    ...own,
    ...wordsWith(style, own),
    ...lorasWith(style, own),
  };
}

function usableStyle(name: string, styles: readonly StyleCapability[]): StyleCapability {
  const style = styles.find((candidate) => candidate.name === name);
  if (style !== undefined && style.problem === undefined) return style;
  throw new EngineError(
    'invalid-option',
    style === undefined
      ? `Expected the name of a style, received "${name}".`
      : `The style "${name}" cannot be used: ${style.problem}`,
    { hint: '`inlay styles` lists them.' },
  );
}

type Styled = DiffusionFields & { readonly prompt?: string | undefined; readonly model?: string };

/** Of the family that the style is for, where neither it nor the request names a model. */
function modelOf(
  { name, family, checkpoint }: StyleCapability,
  { operation, model }: Pick<ModelRequest, 'operation' | 'model'>,
  models: readonly ModelInfo[],
): { readonly model?: string } {
  if (family === undefined) return {};
  const chosen = model ?? checkpoint;
  const named = models.find((candidate) => candidate.kind === 'checkpoint' && candidate.name === chosen);
  if (named?.family !== undefined && named.family !== family) {
    throw new EngineError(
      'invalid-option',
      `Expected a checkpoint for ${familyNames[family]} with the style "${name}", received "${named.name}", which is for ${familyNames[named.family]}.`,
      { hint: 'Choose another checkpoint, or another style; `inlay styles` says what each is for.' },
    );
  }
  if (chosen !== undefined) return {};
  const found = promptModel(
    operation,
    models.filter((candidate) => candidate.family === family),
  );
  if (found !== undefined) return { model: found.name };
  throw new EngineError(
    'model-not-found',
    `Expected an installed checkpoint for ${familyNames[family]}, which the style "${name}" is for, found none.`,
    { hint: 'Copy one into the models folder, or choose another style.' },
  );
}

function checkModels(style: StyleCapability, own: Styled, models: readonly ModelInfo[]): void {
  const wanted = [
    ...(style.checkpoint !== undefined && own.model === undefined ? [style.checkpoint] : []),
    ...(style.vae !== undefined && own.vae === undefined ? [style.vae] : []),
    ...(style.loras ?? []).map(({ model }) => model),
  ];
  const missing = wanted.find((model) => !models.some(({ name }) => name === model));
  if (missing === undefined) return;
  throw new EngineError(
    'model-not-found',
    `Expected the model "${missing}" of the style "${style.name}" to be installed, found none of that name.`,
    { hint: 'Copy it into the models folder, which `inlay models` names, or choose another style.' },
  );
}

function wordsWith(
  style: StyleCapability,
  own: Styled,
): { readonly prompt: string; readonly negativePrompt?: string } {
  const prompt = own.prompt?.trim() ?? '';
  if (prompt === '') return { prompt: own.prompt ?? '' };
  const negativePrompt = [own.negativePrompt?.trim(), style.negativePrompt].filter(Boolean).join(', ');
  return {
    // A replacement in a function: `$&` in a prompt is no pattern.
    prompt: style.prompt?.replace(promptGap, () => prompt) ?? prompt,
    ...(negativePrompt !== '' && { negativePrompt }),
  };
}

/** Timesteps go with the steps that they were written for: where the request says others, they are left out. */
function stepsWith(
  { scheduler, numInferenceSteps, timesteps }: StyleCapability,
  own: Styled,
): Pick<DiffusionFields, 'scheduler' | 'numInferenceSteps' | 'timesteps'> {
  const isOfOwnSteps = own.scheduler !== undefined || own.numInferenceSteps !== undefined;
  return {
    ...(scheduler !== undefined && { scheduler }),
    ...(numInferenceSteps !== undefined && own.timesteps === undefined && { numInferenceSteps }),
    ...(timesteps !== undefined && !isOfOwnSteps && { timesteps }),
  };
}

/** A LoRA that the request names too is as it says there. */
function lorasWith(style: StyleCapability, { loras: own = [] }: Styled): Pick<DiffusionFields, 'loras'> {
  const others = (style.loras ?? []).filter(({ model }) => !own.some((lora) => lora.model === model));
  const loras = [...others, ...own];
  return loras.length === 0 ? {} : { loras };
}
