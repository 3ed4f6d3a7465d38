import type { ModelFamily } from '../api.ts';
import { type LoraModule, loraModules } from '../weights/lora-modules.ts';
import type { Checkpoint } from '../weights/safetensors.ts';

/** What a file of adaptations is, as far as its names and shapes tell. */
export interface RecognisedLora {
  /** How it says what it changes. */
  readonly architecture: 'LoRA' | 'LoHa' | 'LoKr' | 'DoRA' | 'Weight differences';
  /** Absent where nothing tells. */
  readonly family?: ModelFamily;
  /** The model that it is for, where that is none of ours. */
  readonly foreign?: string;
}

type Base = Pick<RecognisedLora, 'family' | 'foreign'>;

/** Kinds of adaptation that cannot be used, by how their tensors end. */
const unsupportedEndings: readonly (readonly [ending: RegExp, name: string])[] = [
  [/\.oft_(?:blocks|diag)$/, 'OFT adaptation'],
  [/\.on_input$/, 'IA3 adaptation'],
  [/\.[ab]1\.weight$/, 'GLoRA'],
];

/** Width of the text that cross-attention takes, by which a base model is known. */
const contextFamilies: Readonly<Record<number, Base>> = {
  768: { family: 'sd1' },
  1024: { family: 'sd2' },
  2048: { family: 'sdxl' },
};

/** What the trainer's metadata begins with. */
const baseVersions: readonly (readonly [beginning: string, base: Base])[] = [
  ['sdxl', { family: 'sdxl' }],
  ['stable-diffusion-xl', { family: 'sdxl' }],
  ['sd_v1', { family: 'sd1' }],
  ['sd_1', { family: 'sd1' }],
  ['stable-diffusion-v1', { family: 'sd1' }],
  ['sd_v2', { family: 'sd2' }],
  ['sd_2', { family: 'sd2' }],
  ['stable-diffusion-v2', { family: 'sd2' }],
  ['flux', { foreign: 'FLUX' }],
  ['sd3', { foreign: 'Stable Diffusion 3' }],
];

/** Undefined for any other file. */
export function recogniseLora(checkpoint: Checkpoint): RecognisedLora | undefined {
  const keys = [...checkpoint.tensors.keys()];
  for (const [ending, foreign] of unsupportedEndings) {
    if (keys.some((key) => ending.test(key))) return { architecture: 'LoRA', foreign };
  }
  const modules = loraModules(checkpoint).filter(({ keys: own }) => isChange(own));
  if (modules.length === 0) return undefined;
  return { architecture: architectureOf(modules), ...baseOf(checkpoint, modules) };
}

/** Alpha by itself, or a magnitude, changes nothing. */
function isChange(keys: LoraModule['keys']): boolean {
  return [...keys.keys()].some((role) => role !== 'alpha' && role !== 'magnitude');
}

function architectureOf(modules: readonly LoraModule[]): RecognisedLora['architecture'] {
  const has = (role: Parameters<LoraModule['keys']['has']>[0]) => modules.some(({ keys }) => keys.has(role));
  if (has('magnitude')) return 'DoRA';
  if (has('hada_w1_a')) return 'LoHa';
  if (has('lokr_w1') || has('lokr_w1_a')) return 'LoKr';
  return has('diff') && !has('down') ? 'Weight differences' : 'LoRA';
}

function baseOf({ tensors, metadata }: Checkpoint, modules: readonly LoraModule[]): Base {
  if (modules.some(({ name }) => /(?:double|single)(?:_transformer)?_blocks_/.test(name))) {
    return { foreign: 'FLUX' };
  }
  if (modules.some(({ part }) => part === 'textEncoder2')) return { family: 'sdxl' };
  for (const { name, keys } of modules) {
    const down = keys.get('down') ?? keys.get('hada_w1_b');
    if (down === undefined || !/attn2_to_[kv]$/.test(name)) continue;
    const base = contextFamilies[tensors.get(down)!.shape[1] ?? 0];
    if (base !== undefined) return base;
  }
  for (const key of ['ss_base_model_version', 'modelspec.architecture']) {
    const said = metadata.get(key)?.toLowerCase();
    const base = baseVersions.find(([beginning]) => said?.startsWith(beginning));
    if (base !== undefined) return base[1];
  }
  return {};
}
