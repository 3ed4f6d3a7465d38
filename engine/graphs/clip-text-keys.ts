/** The sets of key names that CLIP text encoders are published in. */

/** Keys are whole but for `.weight` and `.bias`, unless they say so. */
export interface ClipTextKeys {
  readonly naming: 'CLIP' | 'OpenCLIP';
  readonly prefix: string;
  readonly tokenEmbedding: string;
  /** A whole key. */
  readonly positionEmbedding: string;
  layer(index: number): ClipTextLayerKeys;
  /** Any key of a layer without the prefix, its number as the first group. */
  readonly layerPattern: RegExp;
  readonly finalNorm: string;
  /** A whole key: what makes one vector of a whole prompt, where a model asks for it. */
  readonly textProjection: string;
}

export interface ClipTextLayerKeys {
  readonly norm1: string;
  /** Three projections, or whole keys of one weight and one bias with the rows of all three. */
  readonly queryKeyValue:
    | { readonly query: string; readonly key: string; readonly value: string }
    | { readonly weight: string; readonly bias: string };
  readonly attentionOut: string;
  readonly norm2: string;
  readonly feedForward: readonly [string, string];
}

/**
 * Stable Diffusion 1.x in one file, old files of it, SDXL in one file, a folder's files joined, the encoder's own file.
 */
const clipPrefixes = [
  'cond_stage_model.transformer.text_model.',
  'cond_stage_model.transformer.',
  'conditioner.embedders.0.transformer.text_model.',
  'text_encoder.text_model.',
  'text_model.',
] as const;

/** Stable Diffusion 2.x in one file, the encoder's own file. */
const openClipPrefixes = ['cond_stage_model.model.', ''] as const;

/** SDXL's second encoder, which is the refiner's only one: in one file, and in a folder's files joined. */
const secondOpenClipPrefixes = ['conditioner.embedders.1.model.', 'conditioner.embedders.0.model.'] as const;
const secondClipPrefixes = ['text_encoder_2.text_model.'] as const;

/** modeling_clip.py of huggingface/transformers */
function clipKeys(prefix: string): ClipTextKeys {
  return {
    naming: 'CLIP',
    prefix,
    tokenEmbedding: `${prefix}embeddings.token_embedding`,
    positionEmbedding: `${prefix}embeddings.position_embedding.weight`,
    layerPattern: /^encoder\.layers\.(\d+)\./,
    layer: (index) => {
      const layer = `${prefix}encoder.layers.${index}`;
      return {
        norm1: `${layer}.layer_norm1`,
        queryKeyValue: {
          query: `${layer}.self_attn.q_proj`,
          key: `${layer}.self_attn.k_proj`,
          value: `${layer}.self_attn.v_proj`,
        },
        attentionOut: `${layer}.self_attn.out_proj`,
        norm2: `${layer}.layer_norm2`,
        feedForward: [`${layer}.mlp.fc1`, `${layer}.mlp.fc2`],
      };
    },
    finalNorm: `${prefix}final_layer_norm`,
    textProjection: `${prefix.replace(/text_model\.$/, '')}text_projection.weight`,
  };
}

/** transformer.py of mlfoundations/open_clip */
function openClipKeys(prefix: string): ClipTextKeys {
  return {
    naming: 'OpenCLIP',
    prefix,
    tokenEmbedding: `${prefix}token_embedding`,
    positionEmbedding: `${prefix}positional_embedding`,
    layerPattern: /^transformer\.resblocks\.(\d+)\./,
    layer: (index) => {
      const layer = `${prefix}transformer.resblocks.${index}`;
      return {
        norm1: `${layer}.ln_1`,
        queryKeyValue: { weight: `${layer}.attn.in_proj_weight`, bias: `${layer}.attn.in_proj_bias` },
        attentionOut: `${layer}.attn.out_proj`,
        norm2: `${layer}.ln_2`,
        feedForward: [`${layer}.mlp.c_fc`, `${layer}.mlp.c_proj`],
      };
    },
    finalNorm: `${prefix}ln_final`,
    textProjection: `${prefix}text_projection`,
  };
}

/** A text encoder among a file's keys. */
export interface FoundTextEncoder {
  readonly names: ClipTextKeys;
  /** Every layer number that occurs. */
  readonly layerNumbers: ReadonlySet<number>;
  /** Whether it is the one that SDXL takes a whole prompt's vector from. */
  readonly isPooled: boolean;
}

/** The text encoders among a file's keys, in the order in which what they make of a prompt is joined. */
export function findTextEncoders(keys: Iterable<string>): readonly FoundTextEncoder[] {
  const all = [...keys];
  const first = [...clipPrefixes.map(clipKeys), ...openClipPrefixes.map(openClipKeys)];
  const second = [...secondOpenClipPrefixes.map(openClipKeys), ...secondClipPrefixes.map(clipKeys)];
  return [
    { candidates: first, isPooled: false },
    { candidates: second, isPooled: true },
  ].flatMap(({ candidates, isPooled }) => {
    const found = findAmong(candidates, all);
    return found === undefined ? [] : [{ ...found, isPooled }];
  });
}

function findAmong(
  candidates: readonly ClipTextKeys[],
  keys: readonly string[],
): Omit<FoundTextEncoder, 'isPooled'> | undefined {
  for (const names of candidates) {
    const { prefix, layerPattern } = names;
    const matches = keys
      .filter((key) => key.startsWith(prefix))
      .map((key) => layerPattern.exec(key.slice(prefix.length)))
      .filter((match) => match !== null);
    if (matches.length > 0)
      return { names, layerNumbers: new Set(matches.map(([, layer]) => Number(layer))) };
  }
  return undefined;
}
