/**
 * The tensors of a Stable Diffusion 1.5 checkpoint in one file, as CompVis/stable-diffusion (v1-inference.yaml) names them,
 * and those of a ControlNet for it (lllyasviel/ControlNet, cldm_v15.yaml).
 */

export type Layout = Map<string, readonly number[]>;

const timeWidth = 1280;
const textWidth = 768;
/** Widths of the UNet from the picture's size down, and which of them have transformers. */
const unetLevels = [
  { width: 320, isAttentive: true },
  { width: 640, isAttentive: true },
  { width: 1280, isAttentive: true },
  { width: 1280, isAttentive: false },
] as const;
const unetBlocks = 2;
const vaeWidths = [128, 256, 512, 512] as const;
const textLayers = 12;

export function stableDiffusion15Layout(): Layout {
  const layout: Layout = new Map();
  addUNet(layout, 'model.diffusion_model');
  addCoder(layout, 'first_stage_model.encoder', 'down');
  addCoder(layout, 'first_stage_model.decoder', 'up');
  addLayer(layout, 'first_stage_model.quant_conv', [8, 8, 1, 1]);
  addLayer(layout, 'first_stage_model.post_quant_conv', [4, 4, 1, 1]);
  addTextEncoder(layout, 'cond_stage_model.transformer.text_model');
  return layout;
}

const hintWidths = [3, 16, 16, 32, 32, 96, 96, 256, 320] as const;

/** As control_v11p_sd15_canny and its like have them. */
export function controlNet15Layout(): Layout {
  const unet: Layout = new Map();
  addUNet(unet, 'model.diffusion_model');
  const layout: Layout = new Map();
  const widths: number[] = [];
  for (const [key, shape] of unet) {
    const name = /^model\.diffusion_model\.((?:input_blocks|middle_block|time_embed)\..*)$/.exec(key)?.[1];
    if (name === undefined) continue;
    layout.set(`control_model.${name}`, shape);
    // The last convolution of an input block is as wide as what it leaves.
    const [, block] =
      /^input_blocks\.(\d+)\.0\.(?:weight|op\.weight|out_layers\.3\.weight)$/.exec(name) ?? [];
    if (block !== undefined) widths[Number(block)] = shape[0]!;
  }
  for (const [index, width] of hintWidths.slice(1).entries()) {
    addLayer(layout, `control_model.input_hint_block.${2 * index}`, [width, hintWidths[index]!, 3, 3]);
  }
  for (const [index, width] of widths.entries()) {
    addLayer(layout, `control_model.zero_convs.${index}.0`, [width, width, 1, 1]);
  }
  addLayer(layout, 'control_model.middle_block_out.0', [1280, 1280, 1, 1]);
  return layout;
}

function addLayer(layout: Layout, key: string, weight: readonly number[]): void {
  layout.set(`${key}.weight`, weight).set(`${key}.bias`, weight.slice(0, 1));
}

function addUNet(layout: Layout, prefix: string): void {
  const add = (key: string, weight: readonly number[]) => addLayer(layout, `${prefix}.${key}`, weight);
  const addResnet = (key: string, input: number, output: number) => {
    add(`${key}.in_layers.0`, [input]);
    add(`${key}.in_layers.2`, [output, input, 3, 3]);
    add(`${key}.emb_layers.1`, [output, timeWidth]);
    add(`${key}.out_layers.0`, [output]);
    add(`${key}.out_layers.3`, [output, output, 3, 3]);
    if (input !== output) add(`${key}.skip_connection`, [output, input, 1, 1]);
  };
  const addTransformer = (key: string, width: number) => {
    const block = `${key}.transformer_blocks.0`;
    add(`${key}.norm`, [width]);
    add(`${key}.proj_in`, [width, width, 1, 1]);
    for (const [attention, keyWidth] of [
      ['attn1', width],
      ['attn2', textWidth],
    ] as const) {
      layout.set(`${prefix}.${block}.${attention}.to_q.weight`, [width, width]);
      layout.set(`${prefix}.${block}.${attention}.to_k.weight`, [width, keyWidth]);
      layout.set(`${prefix}.${block}.${attention}.to_v.weight`, [width, keyWidth]);
      add(`${block}.${attention}.to_out.0`, [width, width]);
    }
    for (const norm of ['norm1', 'norm2', 'norm3']) add(`${block}.${norm}`, [width]);
    add(`${block}.ff.net.0.proj`, [8 * width, width]);
    add(`${block}.ff.net.2`, [width, 4 * width]);
    add(`${key}.proj_out`, [width, width, 1, 1]);
  };

  add('time_embed.0', [timeWidth, 320]);
  add('time_embed.2', [timeWidth, timeWidth]);
  add('input_blocks.0.0', [320, 4, 3, 3]);
  let width = 320;
  const skips = [width];
  for (const [level, { width: output, isAttentive }] of unetLevels.entries()) {
    for (let block = 0; block < unetBlocks; block++) {
      const key = `input_blocks.${skips.length}`;
      addResnet(`${key}.0`, width, output);
      if (isAttentive) addTransformer(`${key}.1`, output);
      width = output;
      skips.push(width);
    }
    if (level < unetLevels.length - 1) {
      add(`input_blocks.${skips.length}.0.op`, [width, width, 3, 3]);
      skips.push(width);
    }
  }
  addResnet('middle_block.0', width, width);
  addTransformer('middle_block.1', width);
  addResnet('middle_block.2', width, width);
  let index = 0;
  for (const [level, { width: output, isAttentive }] of [...unetLevels.entries()].reverse()) {
    for (let block = 0; block <= unetBlocks; block++, index++) {
      const key = `output_blocks.${index}`;
      addResnet(`${key}.0`, width + skips.pop()!, output);
      if (isAttentive) addTransformer(`${key}.1`, output);
      width = output;
      if (block === unetBlocks && level > 0) {
        add(`${key}.${isAttentive ? 2 : 1}.conv`, [width, width, 3, 3]);
      }
    }
  }
  add('out.0', [width]);
  add('out.2', [4, width, 3, 3]);
}

/** The autoencoder's encoder ('down') or decoder ('up'); levels are numbered from the picture's size on both ways. */
function addCoder(layout: Layout, prefix: string, way: 'down' | 'up'): void {
  const add = (key: string, weight: readonly number[]) => addLayer(layout, `${prefix}.${key}`, weight);
  const addResnet = (key: string, input: number, output: number) => {
    add(`${key}.norm1`, [input]);
    add(`${key}.conv1`, [output, input, 3, 3]);
    add(`${key}.norm2`, [output]);
    add(`${key}.conv2`, [output, output, 3, 3]);
    if (input !== output) add(`${key}.nin_shortcut`, [output, input, 1, 1]);
  };
  const deepest = vaeWidths.at(-1)!;
  const levels = [...vaeWidths.entries()];
  let width: number = way === 'down' ? vaeWidths[0] : deepest;
  add('conv_in', [width, way === 'down' ? 3 : 4, 3, 3]);
  const addLevels = () => {
    for (const [level, output] of way === 'down' ? levels : levels.reverse()) {
      for (let block = 0; block < (way === 'down' ? 2 : 3); block++) {
        addResnet(`${way}.${level}.block.${block}`, width, output);
        width = output;
      }
      const isLast = level === (way === 'down' ? levels.length - 1 : 0);
      if (!isLast) add(`${way}.${level}.${way}sample.conv`, [width, width, 3, 3]);
    }
  };
  if (way === 'down') addLevels();
  addResnet('mid.block_1', deepest, deepest);
  add('mid.attn_1.norm', [deepest]);
  for (const part of ['q', 'k', 'v', 'proj_out']) add(`mid.attn_1.${part}`, [deepest, deepest, 1, 1]);
  addResnet('mid.block_2', deepest, deepest);
  if (way === 'up') addLevels();
  add('norm_out', [width]);
  add('conv_out', [way === 'down' ? 8 : 3, width, 3, 3]);
}

/** CLIP ViT-L/14's. */
function addTextEncoder(layout: Layout, prefix: string): void {
  layout.set(`${prefix}.embeddings.token_embedding.weight`, [49_408, textWidth]);
  layout.set(`${prefix}.embeddings.position_embedding.weight`, [77, textWidth]);
  for (let index = 0; index < textLayers; index++) {
    const layer = `${prefix}.encoder.layers.${index}`;
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) {
      addLayer(layout, `${layer}.self_attn.${part}`, [textWidth, textWidth]);
    }
    addLayer(layout, `${layer}.layer_norm1`, [textWidth]);
    addLayer(layout, `${layer}.mlp.fc1`, [4 * textWidth, textWidth]);
    addLayer(layout, `${layer}.mlp.fc2`, [textWidth, 4 * textWidth]);
    addLayer(layout, `${layer}.layer_norm2`, [textWidth]);
  }
  addLayer(layout, `${prefix}.final_layer_norm`, [textWidth]);
}
