/** The prompt and its settings as a server can follow them. */
import type { Capabilities, ControlField, JobRequest, ModelKind } from '../../../bridge/protocol/messages.ts';
import { type ControlSource, isUsedControl } from './controls.ts';
import {
  type DiffusionSettings,
  drawingModel,
  drawingModels,
  isSchedulerOf,
  type PromptOperation,
  wordsOf,
} from './diffusion-settings.ts';
import { type ExtraNetworkField, type ExtraNetworkKind, extraNetworksFor } from './extra-networks.ts';
import { refinersFor } from './refiners.ts';
import { stylesOf } from './styles.ts';

export interface ServerAndOperation {
  /** Nothing while the server has not said. */
  readonly capabilities: Capabilities | undefined;
  readonly operation: PromptOperation;
  /** Pictures that a control may follow, besides the one that is worked on. */
  readonly controlSources?: readonly ControlSource[] | undefined;
}

/** Whether an operation would draw what the prompt says, not what the surroundings do. */
export function hasWordsFor(
  settings: DiffusionSettings,
  { capabilities, operation }: ServerAndOperation,
): boolean {
  const hasWords = settings.prompt.trim() !== '';
  return (
    hasWords && capabilities !== undefined && drawingModel(capabilities, operation, settings) !== undefined
  );
}

/** Without what the server lacks, for that is of an earlier visit, and without what another model would hear alone. */
export function usableSettings(
  settings: DiffusionSettings,
  { capabilities, operation, controlSources = [] }: ServerAndOperation,
): DiffusionSettings {
  const { model, vae, upscaler, scheduler, predictionType, imageGuidanceScale, ...optional } = settings;
  const { style, controls, loras, hypernetworks, refiner, ...others } = optional;
  const models = capabilities === undefined ? [] : drawingModels(capabilities, operation);
  const current = capabilities && drawingModel(capabilities, operation, settings);
  const schedulers = capabilities?.schedulers ?? [];
  const isThere = (kind: ModelKind, name: string) =>
    capabilities?.models.some((other) => other.kind === kind && other.name === name);
  const refiners = capabilities && current ? refinersFor(capabilities, current) : [];
  const isFollowed = (control: ControlField) => isUsedControl(control, { operation, controlSources });
  const suitable = (kind: ExtraNetworkKind, networks: readonly ExtraNetworkField[] = []) => {
    const offered =
      capabilities && current ? extraNetworksFor(kind, { model: current, models: capabilities.models }) : [];
    return networks.filter((network) => offered.some(({ name }) => name === network.model));
  };
  return {
    ...others,
    ...(model !== undefined && models.some(({ name }) => name === model) && { model }),
    ...(vae !== undefined && isThere('vae', vae) && { vae }),
    ...(upscaler !== undefined && isThere('upscaler', upscaler) && { upscaler }),
    ...(predictionType !== undefined && current?.predictionType === undefined && { predictionType }),
    ...(scheduler !== undefined && isSchedulerOf(schedulers, scheduler) && { scheduler }),
    ...(stylesOf(capabilities).some(({ name }) => name === style) && { style }),
    ...listed(
      'controls',
      controls?.filter(isFollowed).map((control) => withoutMissingModel(control, isThere)),
    ),
    ...listed('loras', suitable('lora', loras)),
    ...listed('hypernetworks', suitable('hypernetwork', hypernetworks)),
    ...(refiners.some(({ name }) => name === refiner?.model) && refiner && { refiner }),
    ...(imageGuidanceScale !== undefined && current?.variant === 'pix2pix' && { imageGuidanceScale }),
  };
}

/** An empty list is left out. */
function listed<Name extends string, Item>(
  name: Name,
  items: readonly Item[] | undefined,
): { readonly [Key in Name]?: readonly Item[] } {
  return (items === undefined || items.length === 0 ? {} : { [name]: items }) as {
    readonly [Key in Name]?: readonly Item[];
  };
}

/** A ControlNet that has gone is chosen anew. */
function withoutMissingModel(
  { model, ...control }: ControlField,
  isThere: (kind: ModelKind, name: string) => boolean | undefined,
): ControlField {
  return model !== undefined && isThere('controlnet', model) ? { ...control, model } : control;
}

/** The longer side that the model of a request was trained at; nothing for one without words, or of a model that has gone. */
export function modelSideOf(request: JobRequest, capabilities: Capabilities | undefined): number | undefined {
  const words = wordsOf(request);
  const model = words && capabilities && drawingModel(capabilities, words.operation, words);
  return model?.resolution && Math.max(model.resolution.width, model.resolution.height);
}
