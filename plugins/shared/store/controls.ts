/** Pictures that a drawing follows (ControlNet), as the fields of a panel or page have them and requests carry them. */
import type {
  Capabilities,
  ControlField,
  ControlKind,
  ControlMode,
  ModelCapability,
  Operation,
} from '../../../bridge/protocol/messages.ts';
import { isMini } from '../../../bridge/protocol/mini-model.ts';

/** More than that pull at one drawing from too many sides, and each costs almost half a step. */
export const maxChosenControls = 4;

/** What of an editor a control may follow, besides what is worked on itself. */
export interface ControlSource {
  /** Of this document and visit, and the id of its image on the wire: `A–Z a–z 0–9 _ -`. */
  readonly id: string;
  readonly label: string;
}

/** What is drawn in a frame: of an editor that has frames. */
export const frameSource: ControlSource = { id: 'frame', label: 'the frame' };

/** What a control is where it says nothing. */
export const controlDefaults = { strength: 1, start: 0, end: 1, mode: 'balanced' } as const;

export const controlKindNames: Readonly<Record<ControlKind, string>> = {
  canny: 'edges',
  lineart: 'lines',
  scribble: 'a scribble',
  softedge: 'soft edges',
  depth: 'depth',
  pose: 'a pose',
  normal: 'surfaces (normals)',
  segmentation: 'areas (segments)',
  tile: 'detail (tile)',
  palette: 'colours',
  inpaint: 'surroundings (inpaint)',
};

export const controlModeNames: Readonly<Record<ControlMode, string>> = {
  balanced: 'both alike',
  prompt: 'the prompt more',
  control: 'the control more',
};

/** What a control follows of its picture. */
export function kindOf({ kind, preprocessor }: ControlField): ControlKind {
  const made = typeof preprocessor === 'object' ? preprocessor.name : preprocessor;
  return kind ?? made ?? 'canny';
}

/** Whether its image is taken as it is, for it shows the edges, the depth… already. */
export function isMap({ imageId, preprocessor }: ControlField): boolean {
  return imageId !== undefined && preprocessor === undefined;
}

/** The control with another picture. */
export function withSource(control: ControlField, source: ControlSource | undefined): ControlField {
  const { imageId: _id, imageName: _name, ...others } = control;
  if (source === undefined) return { ...others, preprocessor: control.preprocessor ?? kindOf(control) };
  return { ...others, imageId: source.id, imageName: source.label };
}

export function withKind(control: ControlField, kind: ControlKind): ControlField {
  const { model: _model, preprocessor: _preprocessor, ...others } = control;
  return { ...others, kind, ...(!isMap(control) && { preprocessor: kind }) };
}

export function withMap(control: ControlField, isAMap: boolean): ControlField {
  const { preprocessor: _, ...others } = control;
  return isAMap ? others : { ...others, preprocessor: kindOf(control) };
}

/** The ControlNets that can be used with a model and are for what a control follows; the one that is usual first. */
export function controlModels(
  { models }: Pick<Capabilities, 'models'>,
  { name, family }: Pick<ModelCapability, 'name' | 'family'>,
  kind?: ControlKind,
): readonly ModelCapability[] {
  return models.filter(
    (model) =>
      model.kind === 'controlnet' &&
      model.problem === undefined &&
      model.family === family &&
      isMini(model.name) === isMini(name) &&
      (kind === undefined || model.controlKinds === undefined || model.controlKinds.includes(kind)),
  );
}

/** A new control: of what is worked on, or of the first source, for the first kind that a ControlNet is there for. */
export function newControl(
  capabilities: Pick<Capabilities, 'models'>,
  {
    model,
    source,
  }: {
    readonly model?: Pick<ModelCapability, 'name' | 'family'> | undefined;
    readonly source?: ControlSource;
  },
): ControlField {
  const [installed] = model === undefined ? [] : controlModels(capabilities, model);
  const kind = installed?.controlKinds?.[0] ?? 'canny';
  return withSource({ kind, preprocessor: kind }, source);
}

/** Whether an operation has the control's picture; a control without it is left out. */
export function isUsedControl(
  { imageId }: ControlField,
  {
    operation,
    controlSources,
  }: { readonly operation: Operation; readonly controlSources: readonly ControlSource[] },
): boolean {
  return imageId === undefined ? operation !== 'generate' : controlSources.some(({ id }) => id === imageId);
}

/** What to get where no ControlNet is there for what a control follows; nothing where one is. */
export function lackOfControl(
  control: ControlField,
  {
    capabilities,
    model,
  }: { readonly capabilities: Pick<Capabilities, 'models'>; readonly model: ModelCapability },
): string | undefined {
  const kind = kindOf(control);
  if (controlModels(capabilities, model, kind).length > 0) return undefined;
  const family = model.family === undefined ? 'this model' : familyNames[model.family];
  return `No ControlNet for ${controlKindNames[kind]} is here. Copy one that is made for ${family} into Inlay’s models folder.`;
}

const familyNames: Readonly<Record<NonNullable<ModelCapability['family']>, string>> = {
  sd1: 'Stable Diffusion 1.x',
  sd2: 'Stable Diffusion 2.x',
  sdxl: 'Stable Diffusion XL',
  'sdxl-refiner': 'the refiner of Stable Diffusion XL',
};

/** Of what was kept all that is a control. */
export function isControl(value: unknown): value is ControlField {
  const { imageId, imageName, model, kind, strength, start, end, mode } = (value ??
    {}) as Partial<ControlField>;
  return (
    typeof value === 'object' &&
    value !== null &&
    [imageId, imageName, model].every((text) => text === undefined || typeof text === 'string') &&
    (kind === undefined || kind in controlKindNames) &&
    kindOf(value as ControlField) in controlKindNames &&
    [strength, start, end].every((share) => share === undefined || Number.isFinite(share)) &&
    (mode === undefined || mode in controlModeNames)
  );
}
