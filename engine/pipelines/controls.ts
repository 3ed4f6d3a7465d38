/** The ControlNets that a task names: opened, held against the checkpoint, and loaded while it draws. */
import type { ControlKind, ControlSettings, ModelFamily } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { ControlNetModel, LoadedControlNet } from '../models/controlnet.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import { familyNames } from '../models/stable-diffusion-family.ts';
import type { UNetWork } from '../models/stable-diffusion-unet.ts';
import type { Tensor } from '../runtime/session.ts';
import type { PipelineContext } from './context.ts';
import type { LoadedControl } from './control-residuals.ts';

/** A control whose file has been read, as far as its header goes. */
export interface OpenedControl {
  readonly settings: ControlSettings;
  readonly network: ControlNetModel;
  /** What its map shows, as far as anybody says. */
  readonly kind: ControlKind | undefined;
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
    opened.push({ settings, network, kind, label });
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
    config.contextChannels === controlSizes.contextChannels &&
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
  controls: readonly Pick<OpenedControl, 'network'>[],
): readonly ControlNetModel[] {
  return [...new Map(controls.map(({ network }) => [network.key, network])).values()];
}

/** What the maps come to, which is the same at every step: one after the other. */
export async function encodeMaps(
  controls: readonly MappedControl[],
  signal: AbortSignal,
): Promise<readonly Tensor[]> {
  const hints: Tensor[] = [];
  for (const { network, image } of controls) hints.push(await network.encodeImage(image, signal));
  return hints;
}

/** Runs `work` with all of the controls' networks, which stay loaded meanwhile. */
export async function useControls<Result>(
  controls: readonly MappedControl[],
  { hints, work }: { readonly hints: readonly Tensor[]; readonly work: UNetWork },
  run: (controls: readonly LoadedControl[]) => Promise<Result>,
): Promise<Result> {
  const loaded = new Map<string, LoadedControlNet>();
  const useFrom = ([next, ...rest]: readonly ControlNetModel[]): Promise<Result> => {
    if (next !== undefined) {
      return next.use(work, (network) => {
        loaded.set(next.key, network);
        return useFrom(rest);
      });
    }
    return run(
      controls.map(({ settings, network }, index) => {
        const { strength, start, end, mode } = settings;
        return { network: loaded.get(network.key)!, hint: hints[index]!, strength, start, end, mode };
      }),
    );
  };
  return useFrom(distinctNetworks(controls));
}
