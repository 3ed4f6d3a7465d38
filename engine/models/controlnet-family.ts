/** What a ControlNet is for: which checkpoints it fits, and what its maps show. */
import { type ControlKind, controlKinds, type ModelFamily, type ModelInfo } from '../api.ts';
import { type ControlNetConfig, detectControlNetConfig } from '../graphs/controlnet.ts';
import type { Checkpoint } from '../weights/safetensors.ts';

export interface RecognisedControlNet
  extends Required<Pick<ModelInfo, 'architecture' | 'family'>>,
    Pick<ModelInfo, 'controlKinds'> {
  readonly kind: 'controlnet';
}

/** Undefined where a file has none. Throws `tensor-mismatch` or `unsupported-architecture` for one that cannot be run. */
export function recogniseControlNet(checkpoint: Checkpoint): RecognisedControlNet | undefined {
  const config = detectControlNetConfig(checkpoint);
  if (config === undefined) return undefined;
  const { union } = config;
  const kinds =
    union === undefined
      ? controlKinds.filter((kind) => saidKinds(checkpoint).includes(kind))
      : controlKinds.filter((kind) => unionTask(kind, union.tasks) !== undefined);
  return {
    kind: 'controlnet',
    architecture: union === undefined ? 'ControlNet' : 'ControlNet Union',
    family: familyOf(config),
    ...(kinds.length > 0 && { controlKinds: kinds }),
  };
}

/** What a file's own metadata says that its maps show, with commas between. */
function saidKinds({ metadata }: Checkpoint): readonly string[] {
  return (metadata.get('inlay.control_kinds') ?? '').split(',').map((kind) => kind.trim());
}

/** What ControlNet++ calls its kinds of maps by number; the last two are those of its ProMax. */
const unionTasks: Partial<Record<ControlKind, number>> = {
  pose: 0,
  depth: 1,
  softedge: 2,
  scribble: 2,
  canny: 3,
  lineart: 3,
  normal: 4,
  segmentation: 5,
  tile: 6,
  inpaint: 7,
};

/** The number of a kind of maps among the `tasks` that a network tells apart; undefined where it does not know it. */
export function unionTask(kind: ControlKind, tasks: number): number | undefined {
  const task = unionTasks[kind];
  return task !== undefined && task < tasks ? task : undefined;
}

/** By what its layers are, as of checkpoints: only SDXL is told of sizes, only SD 1.x projects with convolutions. */
function familyOf({ labelChannels, projection }: ControlNetConfig): ModelFamily {
  if (labelChannels !== undefined) return 'sdxl';
  return projection === 'linear' ? 'sd2' : 'sd1';
}

/** How published files are named for what their maps show. */
const kindWords: readonly (readonly [ControlKind, RegExp])[] = [
  ['canny', /canny/],
  ['lineart', /line-?art|mlsd|mistoline/],
  ['scribble', /scribble|sketch/],
  ['softedge', /soft-?edge|(?<![a-z])hed(?![a-z])|pidi/],
  ['depth', /depth|(?<![a-z])zoe(?![a-z])/],
  ['pose', /pose(?![a-z])/],
  ['normal', /normal/],
  ['segmentation', /(?<![a-z])seg(?![a-z])|segmentation|ade20k/],
  ['tile', /(?<![a-z])tile(?![a-z])|(?<![a-z])blur(?![a-z])/],
  ['palette', /palette|(?<![a-z])colou?r(?![a-z])/],
  ['inpaint', /inpaint|repaint/],
];

/** What the maps of a ControlNet show, by the first of its names that says so; none where none does. */
export function controlKindsNamed(names: readonly (string | undefined)[]): readonly ControlKind[] {
  for (const name of names) {
    const kinds = kindWords.filter(([, word]) => word.test((name ?? '').toLowerCase()));
    if (kinds.length > 0) return kinds.map(([kind]) => kind);
  }
  return [];
}
