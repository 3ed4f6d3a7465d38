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

/** Stable Diffusion 1.x in one file, old files of it, a folder's files joined, the encoder's own file. */
const clipPrefixes = [
  'cond_stage_model.transformer.text_model.',
  'cond_stage_model.transformer.',
  'text_encoder.text_model.',
  'text_model.',
] as const;

/** Stable Diffusion 2.x in one file, the encoder's own file. */
const openClipPrefixes = ['cond_stage_model.model.', ''] as const;

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
  };
}

/** The text encoder among a file's keys, with every layer number that occurs, or `undefined`. */
export function findClipTextKeys(
  keys: Iterable<string>,
): { readonly names: ClipTextKeys; readonly layerNumbers: ReadonlySet<number> } | undefined {
  const all = [...keys];
  for (const names of [...clipPrefixes.map(clipKeys), ...openClipPrefixes.map(openClipKeys)]) {
    const { prefix, layerPattern } = names;
    const matches = all
      .filter((key) => key.startsWith(prefix))
      .map((key) => layerPattern.exec(key.slice(prefix.length)))
      .filter((match) => match !== null);
    if (matches.length > 0)
      return { names, layerNumbers: new Set(matches.map(([, layer]) => Number(layer))) };
  }
  return undefined;
}
