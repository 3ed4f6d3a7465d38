import type { ModelFamily, ModelInfo, ModelKind } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';

/** In words for a person. */
export const familyNames: Readonly<Record<ModelFamily, string>> = {
  sd1: 'Stable Diffusion 1.x',
  sd2: 'Stable Diffusion 2.x',
  sdxl: 'SDXL',
  'sdxl-refiner': 'the SDXL refiner',
};

/**
 * The listed model of that name. Throws `model-not-found`, `invalid-weights` for one with a problem, and `invalid-option`
 * for one of another kind.
 */
export function namedModel(
  name: string,
  models: readonly ModelInfo[],
  { kind, orKind }: { readonly kind: ModelKind; readonly orKind?: ModelKind },
): ModelInfo {
  const model = models.find((candidate) => candidate.name === name);
  if (model === undefined) {
    throw new EngineError('model-not-found', `Expected the name of an installed model, received "${name}".`);
  }
  if (model.problem !== undefined) {
    throw new EngineError('invalid-weights', `The model "${name}" cannot be used: ${model.problem}`, {
      hint: 'Choose another; `inlay models` lists them, and what is wrong with those that cannot be used.',
    });
  }
  if (model.kind !== kind && model.kind !== orKind) {
    const kinds = orKind === undefined ? kind : `${kind} or ${orKind}`;
    throw new EngineError(
      'invalid-option',
      `Expected a model of the kind ${kinds}, received "${name}", which is of the kind ${model.kind}.`,
      { hint: `Choose another; \`inlay models\` lists them with their kinds.` },
    );
  }
  return model;
}

/** Throws `invalid-option` where both are known to be for different checkpoints. `what` names the model's use. */
export function checkFamily(what: string, model: ModelInfo, checkpoint: ModelInfo): void {
  const { family } = model;
  if (family === undefined || checkpoint.family === undefined || family === checkpoint.family) return;
  throw new EngineError(
    'invalid-option',
    `Expected ${what} to be for ${familyNames[checkpoint.family]}, as the checkpoint "${checkpoint.name}" is, received "${model.name}", which is for ${familyNames[family]}.`,
    { hint: 'Choose another, or another checkpoint; `inlay models` lists what each is for.' },
  );
}
