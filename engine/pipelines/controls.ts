/** The ControlNets that a task names: opened, held against the checkpoint, and loaded while it draws. */
import type { ControlKind, ControlSettings, ModelFamily, ModelInfo } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { ControlNetModel, LoadedControlNet } from '../models/controlnet.ts';
import { unionTask } from '../models/controlnet-family.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import { familyNames } from '../models/stable-diffusion-family.ts';
import type { UNetWork } from '../models/stable-diffusion-unet.ts';
import type { Tensor } from '../runtime/session.ts';
import type { PipelineContext } from './context.ts';
import { type LoadedControl, sumOf } from './control-residuals.ts';

/** A control whose file has been read, as far as its header goes. */
export interface OpenedControl {
  readonly settings: ControlSettings;
  readonly network: ControlNetModel;
  /** What its map shows, as far as anybody says. */
  readonly kind: ControlKind | undefined;
  /** Of a network for several kinds of maps: this one's. */
  readonly task?: number;
  /** What a sentence calls it. */
  readonly label: string;
}

/** One with the map that a drawing of a certain size is to follow: [1, 3, height, width], 0..1. */
export interface MappedControl extends OpenedControl {
  readonly image: Tensor;
}

/** Throws what is wrong with a ControlNet's file, and `invalid-option` for one that does not fit the checkpoint. */
export async function openControls(
  controls: readonly ControlSettings[] = [],
  model: StableDiffusionModel,
  { models, diffusion }: Pick<PipelineContext, 'models' | 'diffusion'>,
): Promise<readonly OpenedControl[]> {
  const opened: OpenedControl[] = [];
  for (const [index, settings] of controls.entries()) {
    const { info, file } = await models.resolve(settings.model, 'controlnet');
    const network = await diffusion.openControlNet(file!);
    checkFits(network, model, { name: info.name, family: info.family });
    const onlyKind = info.controlKinds?.length === 1 ? info.controlKinds[0] : undefined;
    const kind = settings.kind ?? settings.preprocessor?.name ?? onlyKind;
    const label = `control ${index + 1} (${kind ?? info.name})`;
    const { union } = network.config;
    const task = union === undefined ? {} : { task: taskOf(kind, { label, tasks: union.tasks, info }) };
    opened.push({ settings, network, kind, label, ...task });
  }
  return opened;
}

/** Where the sizes differ the numbers could not be added; where they do not, it is of the checkpoint's family. */
function checkFits(
  { config, title }: ControlNetModel,
  { controlSizes, description, title: checkpoint }: StableDiffusionModel,
  { name, family }: { readonly name: string; readonly family: ModelFamily | undefined },
): void {
  const fits =
    // One without transformers is told no words.
    (Number.isNaN(config.contextChannels) || config.contextChannels === controlSizes.contextChannels) &&
    config.labelChannels === controlSizes.labelChannels &&
    config.residualChannels.join() === controlSizes.residualChannels.join();
  if (fits) return;
  const isFamily = family === undefined || family === description.family;
  const received = isFamily ? 'one for a network of other sizes' : `one for ${familyNames[family]}`;
  throw new EngineError(
    'invalid-option',
    `Expected a ControlNet that fits \`${checkpoint}\` (${familyNames[description.family]}), received \`${isFamily ? title : name}\`, ${received}.`,
    { hint: 'Choose another ControlNet or another checkpoint; `inlay models` tells the family of each.' },
  );
}

/** Each file once, whatever number of controls it serves. */
export function distinctNetworks(
  controls: readonly { readonly network: ControlNetModel }[],
): readonly ControlNetModel[] {
  return [...new Map(controls.map(({ network }) => [network.key, network])).values()];
}

/** Throws `invalid-option` where nobody says what a map shows, or its model was not made for that. */
function taskOf(
  kind: ControlKind | undefined,
  { label, tasks, info }: { readonly label: string; readonly tasks: number; readonly info: ModelInfo },
): number {
  const task = kind === undefined ? undefined : unionTask(kind, tasks);
  if (task !== undefined) return task;
  throw new EngineError(
    'invalid-option',
    `Expected \`kind\` of ${label} to be one of ${(info.controlKinds ?? []).join(', ')}, for \`${info.name}\` has to be told which, received ${kind ?? 'none'}.`,
  );
}

/** What is shown to a network in one call, as it is loaded. */
export interface ControlCall
  extends Pick<LoadedControl, 'hint' | 'tasks' | 'isPooled' | 'strength' | 'start' | 'end' | 'mode'> {
  readonly network: ControlNetModel;
}

/**
 * What the maps come to, which is the same at every step: one after the other. Maps for one network for several kinds that
 * begin, end and weigh alike are shown to it in one call, as to ControlNetUnionModel of diffusers, each with its strength.
 */
export async function encodeMaps(
  controls: readonly MappedControl[],
  signal: AbortSignal,
): Promise<readonly ControlCall[]> {
  const calls: ControlCall[] = [];
  for (const together of groupedByCall(controls)) {
    const [{ network, settings }] = together as readonly [MappedControl];
    const { start, end, mode } = settings;
    const isAlone = together.length === 1;
    let hint: Tensor | undefined;
    for (const { image, task, settings: own } of together) {
      const union = task === undefined ? undefined : { task, scale: isAlone ? 1 : own.strength };
      const encoded = await network.encodeImage(image, union, signal);
      hint = hint === undefined ? encoded : sumOf(hint, encoded);
    }
    const tasks = together.flatMap(({ task }) => task ?? []);
    calls.push({
      network,
      hint: hint!,
      isPooled: network.isPooled,
      strength: isAlone ? settings.strength : 1,
      start,
      end,
      mode,
      ...(tasks.length > 0 && { tasks }),
    });
  }
  return calls;
}

function groupedByCall(controls: readonly MappedControl[]): readonly (readonly MappedControl[])[] {
  const groups = new Map<string, MappedControl[]>();
  for (const [index, control] of controls.entries()) {
    const { start, end, mode } = control.settings;
    const key = control.task === undefined ? `${index}` : `${control.network.key} ${start} ${end} ${mode}`;
    groups.set(key, [...(groups.get(key) ?? []), control]);
  }
  return [...groups.values()];
}

/** Runs `run` with all of the calls' networks, which stay loaded meanwhile. */
export async function useControls<Result>(
  calls: readonly ControlCall[],
  work: UNetWork,
  run: (controls: readonly LoadedControl[]) => Promise<Result>,
): Promise<Result> {
  const loaded = new Map<string, LoadedControlNet>();
  const useFrom = ([next, ...rest]: readonly ControlNetModel[]): Promise<Result> => {
    if (next === undefined) {
      return run(calls.map((call) => ({ ...call, network: loaded.get(call.network.key)! })));
    }
    return next.use(work, (network) => {
      loaded.set(next.key, network);
      return useFrom(rest);
    });
  };
  return useFrom(distinctNetworks(calls));
}
