/**
 * What the configuration of a diffusers folder says that no shape tells. Where it says what networks of this family never
 * have, and which would change the picture without a word, the folder is refused.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../errors.ts';
import { type JsonValue, readJsonFile } from './json-file.ts';
import type { AttentionConfig, Checkpoint } from './safetensors.ts';

type Config = ReadonlyMap<string, JsonValue>;
/** Values of a key that are what these networks have; the first is the usual one. */
type Expected = Readonly<Record<string, readonly JsonValue[]>>;

/** Pixels for each latent of the autoencoder of this family, along a side. */
const latentPixelSide = 8;

const unetExpected: Expected = {
  act_fn: ['silu', 'swish'],
  attention_type: ['default'],
  center_input_sample: [false],
  class_embed_type: [null],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  cross_attention_norm: [null],
  dual_cross_attention: [false],
  encoder_hid_dim: [null],
  flip_sin_to_cos: [true],
  freq_shift: [0],
  mid_block_scale_factor: [1],
  norm_eps: [1e-5],
  norm_num_groups: [32],
  num_class_embeds: [null],
  only_cross_attention: [false],
  resnet_out_scale_factor: [1],
  resnet_skip_time_act: [false],
  resnet_time_scale_shift: ['default'],
  time_embedding_act_fn: [null],
  time_embedding_type: ['positional'],
  timestep_post_act: [null],
};

const vaeExpected: Expected = {
  act_fn: ['silu', 'swish'],
  latent_channels: [4],
  latents_mean: [null],
  latents_std: [null],
  mid_block_add_attention: [true],
  norm_num_groups: [32],
  shift_factor: [null],
};

/** What differs between Stable Diffusion 1.x and 2.x and SDXL. */
const familyExpected: Readonly<
  Record<'plain' | 'xl', { readonly unet: Expected; readonly vae: Expected; readonly says: string }>
> = {
  plain: {
    unet: { addition_embed_type: [null] },
    vae: { scaling_factor: [0.18215] },
    says: 'Stable Diffusion 1.x and 2.x',
  },
  xl: {
    unet: { addition_embed_type: ['text_time'], addition_time_embed_dim: [256] },
    vae: { scaling_factor: [0.13025] },
    says: 'SDXL',
  },
};

const textExpected: Expected = { layer_norm_eps: [1e-5] };

const schedulerExpected: Expected = {
  beta_end: [0.012],
  beta_schedule: ['scaled_linear'],
  beta_start: [0.00085],
  num_train_timesteps: [1000],
  prediction_type: ['epsilon', 'v_prediction', 'sample'],
};

const activations: Readonly<Record<string, AttentionConfig['textActivation']>> = {
  gelu: 'gelu',
  quick_gelu: 'quick_gelu',
};

/** Metadata of a checkpoint: whether an empty negative prompt is `zeros` to its UNet, or `encoded` like any other. */
export const emptyPromptKey = 'inlay.empty_prompt';

export interface ConfigOptions {
  /** Whether the folder's index has a second text encoder, which SDXL and its refiner have. */
  readonly isXl: boolean;
  /** That index. */
  readonly index: ReadonlyMap<string, JsonValue>;
}

/** Throws `invalid-weights` where a file is no JSON, `unsupported-architecture` as above. */
export async function readDiffusersConfig(
  folder: string,
  { isXl, index }: ConfigOptions,
): Promise<Required<Pick<Checkpoint, 'metadata' | 'attention'>>> {
  const own = familyExpected[isXl ? 'xl' : 'plain'];
  const read = (part: string, expected: Expected, name = 'config.json') =>
    readConfig(path.join(folder, part, name), { expected, family: own.says });
  const unet = await read('unet', { ...unetExpected, ...own.unet });
  const text = await read('text_encoder', textExpected);
  const secondText = isXl ? await read('text_encoder_2', textExpected) : undefined;
  const scheduler = await read('scheduler', schedulerExpected, 'scheduler_config.json');
  await read('vae', { ...vaeExpected, ...own.vae });

  const metadata = new Map<string, string>();
  const predictionType = scheduler.get('prediction_type');
  const sampleSize = unet.get('sample_size');
  const zeroesEmpty = index.get('force_zeros_for_empty_prompt');
  if (typeof predictionType === 'string') metadata.set('modelspec.prediction_type', predictionType);
  if (scheduler.get('rescale_betas_zero_snr') === true) metadata.set('ss_zero_terminal_snr', 'true');
  if (typeof sampleSize === 'number')
    metadata.set('modelspec.resolution', String(sampleSize * latentPixelSide));
  if (typeof zeroesEmpty === 'boolean') metadata.set(emptyPromptKey, zeroesEmpty ? 'zeros' : 'encoded');

  // What diffusers calls the width of a head is how many there are, and has been so for too long to be changed.
  const unetHeads = counts(unet.get('num_attention_heads') ?? unet.get('attention_head_dim'), {
    file: path.join(folder, 'unet', 'config.json'),
    key: 'attention_head_dim',
  });
  return {
    metadata,
    attention: {
      ...(unetHeads !== undefined && { unetHeads }),
      ...textAttention(text, path.join(folder, 'text_encoder', 'config.json')),
      ...(secondText !== undefined && {
        secondText: textAttention(secondText, path.join(folder, 'text_encoder_2', 'config.json')),
      }),
    },
  };
}

function textAttention(config: Config, file: string): Pick<AttentionConfig, 'textHeads' | 'textActivation'> {
  const key = 'num_attention_heads';
  const heads = counts(config.get(key), { file, key });
  const activation = activationOf(config.get('hidden_act'), file);
  return {
    ...(heads !== undefined && { textHeads: heads[0]! }),
    ...(activation !== undefined && { textActivation: activation }),
  };
}

/** Empty where there is no such file. */
async function readConfig(
  file: string,
  { expected, family }: { readonly expected: Expected; readonly family: string },
): Promise<Config> {
  const exists = await realpath(file).then(
    () => true,
    () => false,
  );
  const config: Config = exists ? await readJsonFile(file) : new Map();
  for (const [key, values] of Object.entries(expected)) {
    const value = config.get(key);
    // A list says the same thing of every size.
    const all = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
    if (value === undefined || all.every((one) => values.includes(one!))) continue;
    const expected = values.map((one) => JSON.stringify(one)).join(' or ');
    throw unusual(file, { key, expected, value, asIn: `, as in all ${family}` });
  }
  return config;
}

function counts(
  value: JsonValue | undefined,
  { file, key }: { readonly file: string; readonly key: string },
): readonly number[] | undefined {
  if (value === undefined || value === null) return undefined;
  const all = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  const isSound = all.length > 0 && all.every((one) => Number.isSafeInteger(one) && (one as number) >= 1);
  if (!isSound) throw unusual(file, { key, expected: 'whole numbers from 1', value });
  return all as readonly number[];
}

function activationOf(value: JsonValue | undefined, file: string): AttentionConfig['textActivation'] {
  if (value === undefined) return undefined;
  const activation =
    typeof value === 'string' && Object.hasOwn(activations, value) ? activations[value] : undefined;
  if (activation !== undefined) return activation;
  throw unusual(file, { key: 'hidden_act', expected: Object.keys(activations).join(' or '), value });
}

const maxShownCharacters = 100;

function unusual(
  file: string,
  {
    key,
    expected,
    value,
    asIn = '',
  }: {
    readonly key: string;
    readonly expected: string;
    readonly value: JsonValue | undefined;
    readonly asIn?: string;
  },
): EngineError {
  const received = (value instanceof Map ? 'an object' : (JSON.stringify(value) ?? 'nothing')).slice(
    0,
    maxShownCharacters,
  );
  return new EngineError(
    'unsupported-architecture',
    `Expected \`${key}\` to be ${expected} in ${file}${asIn}, received ${received}.`,
    { hint: 'Use another model; this one is of a kind that Inlay cannot run yet.' },
  );
}
