/** The ControlNets of a request and the pictures that they follow, made complete and held to the limits. */
import type { ControlKind, ControlSettings, ImagePayload, ModelInfo } from '../../engine/api.ts';
import type { CompleteSettings } from '../../engine/control/preprocessor-list.ts';
import { EngineError } from '../../engine/errors.ts';
import { controlStrengthRange, type Limits } from '../protocol/limits.ts';
import type { ControlField, Operation, PreprocessorField } from '../protocol/messages.ts';
import { checkCount, checkRange } from './check-numbers.ts';
import { defaultControlNet, recommendedControlNet } from './default-models.ts';
import { checkFamily, familyNames, namedModel } from './named-model.ts';
import { resolvePreprocessor } from './resolve-preprocessor.ts';

/** Without an image it is made of the source; without a preprocessor the image is the map. */
export type ResolvedControl = Required<Pick<ControlField, 'model' | 'strength' | 'start' | 'end' | 'mode'>> &
  Pick<ControlField, 'kind' | 'imageId' | 'imageName'> & { readonly preprocessor?: CompleteSettings };

export interface ControlOptions {
  readonly operation: Operation;
  readonly models: readonly ModelInfo[];
  /** The checkpoint that they steer. */
  readonly model: ModelInfo;
  readonly limits: Limits;
}

/** What an error calls a control, e.g. `control 2 (sketch.png)`. */
export function controlLabel(
  { kind, imageName, preprocessor }: Pick<ControlField, 'kind' | 'imageName' | 'preprocessor'>,
  index: number,
): string {
  const known = imageName ?? kind ?? nameOf(preprocessor);
  return known === undefined ? `control ${index + 1}` : `control ${index + 1} (${known})`;
}

/**
 * Throws `invalid-option` for what is beyond a limit, said too little, or of another family, `model-not-found` where no
 * ControlNet is there for what an image shows, and what `namedModel` throws.
 */
export function resolveControls(
  controls: readonly ControlField[],
  options: ControlOptions,
): readonly ResolvedControl[] {
  checkCount('controls', controls.length, options.limits.maxControls);
  return controls.map((control, index) => resolveControl(control, controlLabel(control, index), options));
}

function resolveControl(
  control: ControlField,
  label: string,
  { operation, models, model: checkpoint }: ControlOptions,
): ResolvedControl {
  const { imageId, imageName, strength = 1, start = 0, end = 1, mode = 'balanced' } = control;
  if (imageId === undefined && operation === 'generate') {
    throw invalid(
      `Expected an image of ${label} for generate, which has no picture of its own to follow, received none.`,
      'Send a sketch, a map, or the picture that the map is to be made of.',
    );
  }
  checkRange('strength', strength, { ...controlStrengthRange, of: label });
  checkSteps(label, start, end);
  const told = control.kind ?? nameOf(control.preprocessor);
  const model =
    control.model === undefined
      ? modelFor(told, label, { models, checkpoint })
      : namedModel(control.model, models, { kind: 'controlnet' });
  checkFamily(label, model, checkpoint);
  const kind = told ?? onlyKindOf(model, label);
  const made = control.preprocessor ?? preprocessorOfSource(kind, imageId);
  const preprocessor = made === undefined ? undefined : resolvePreprocessor(made);
  return {
    model: model.name,
    ...(kind !== undefined && { kind }),
    ...(imageId !== undefined && { imageId }),
    ...(imageName !== undefined && { imageName }),
    ...(preprocessor !== undefined && { preprocessor }),
    strength,
    start,
    end,
    mode,
  };
}

function checkSteps(label: string, start: number, end: number): void {
  if (start >= 0 && start < end && end <= 1) return;
  throw invalid(
    `Expected \`start\` and \`end\` of ${label} to be 0..1, the start below the end, received ${start} and ${end}.`,
  );
}

function modelFor(
  kind: ControlKind | undefined,
  label: string,
  { models, checkpoint }: { readonly models: readonly ModelInfo[]; readonly checkpoint: ModelInfo },
): ModelInfo {
  if (kind === undefined) {
    throw invalid(
      `Expected \`model\`, \`kind\` or \`preprocessor\` of ${label}, received none of them.`,
      'Name a ControlNet, or say what its image shows, and the installed one for that is taken.',
    );
  }
  const model = defaultControlNet(kind, checkpoint, models);
  if (model !== undefined) return model;
  const { family } = checkpoint;
  const wanted = family === undefined ? '' : ` (${familyNames[family]})`;
  const recommended = recommendedControlNet(kind, checkpoint);
  const hint =
    recommended === undefined
      ? 'Put one into the models folder, or name another with `model`; `inlay models` lists what there is.'
      : `Copy ${recommended} into the models folder, or name another with \`model\`.`;
  throw new EngineError(
    'model-not-found',
    `Expected an installed ControlNet for ${kind} maps that fits "${checkpoint.name}"${wanted}, found none.`,
    { hint },
  );
}

/** A model for several has to be told which; of one that nothing is known of there is nothing to tell. */
function onlyKindOf({ name, controlKinds = [] }: ModelInfo, label: string): ControlKind | undefined {
  if (controlKinds.length <= 1) return controlKinds[0];
  throw invalid(
    `Expected \`kind\` of ${label}, for "${name}" can follow several, received none.`,
    `Say one of ${controlKinds.join(', ')}.`,
  );
}

/** A picture to be drawn over is no map, except for an inpainting ControlNet, which is shown it with its mask. */
function preprocessorOfSource(
  kind: ControlKind | undefined,
  imageId: string | undefined,
): ControlKind | undefined {
  return imageId === undefined && kind !== 'inpaint' ? kind : undefined;
}

function nameOf(preprocessor: PreprocessorField | undefined): ControlKind | undefined {
  return typeof preprocessor === 'object' ? preprocessor.name : preprocessor;
}

/** The engine's side of a resolved control; `payloadOf` gives its image, by id. */
export function controlSettings(
  control: ResolvedControl,
  payloadOf: (imageId: string) => ImagePayload,
): ControlSettings {
  const { model, kind, imageId, preprocessor, strength, start, end, mode } = control;
  return {
    model: { name: model },
    ...(kind !== undefined && { kind }),
    ...(imageId !== undefined && { image: payloadOf(imageId) }),
    ...(preprocessor !== undefined && { preprocessor }),
    strength,
    start,
    end,
    mode,
  };
}

function invalid(message: string, hint?: string): EngineError {
  return new EngineError('invalid-option', message, hint === undefined ? {} : { hint });
}
