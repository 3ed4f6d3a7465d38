/**
 * The tensors of a Stable Diffusion 1.5 checkpoint in one file, as CompVis/stable-diffusion (v1-inference.yaml) names them,
 * those of a ControlNet for it (lllyasviel/ControlNet, cldm_v15.yaml), and of a LoRA (kohya-ss/sd-scripts).
 */

export type Layout = Map<string, readonly number[]>;

interface UNetLevel {
  /** Channels, from the picture's size down. */
  readonly width: number;
  /** Blocks of its transformers; none without. */
  readonly depth?: number;
}

interface UNetShape {
  readonly levels: readonly UNetLevel[];
  readonly contextWidth: number;
  readonly projection: 'conv' | 'linear';
  /** What SDXL is told beside the prompt's tokens. */
  readonly labelWidth?: number;
}

const unet15: UNetShape = {
  levels: [{ width: 320, depth: 1 }, { width: 640, depth: 1 }, { width: 1280, depth: 1 }, { width: 1280 }],
  contextWidth: 768,
  projection: 'conv',
};
const unetXl: UNetShape = {
  levels: [{ width: 320 }, { width: 640, depth: 2 }, { width: 1280, depth: 10 }],
  contextWidth: 2048,
  projection: 'linear',
  labelWidth: 2816,
};
const unetBlocks = 2;
const vaeWidths = [128, 256, 512, 512] as const;
const clipL = { width: 768, layers: 12 } as const;
const bigG = { width: 1280, layers: 32 } as const;
const vocabulary = 49_408;
const positions = 77;

export function stableDiffusion15Layout(): Layout {
  const layout: Layout = new Map();
  addUNet(layout, unet15);
  addAutoencoder(layout);
  addTextEncoder(layout, 'cond_stage_model.transformer.text_model');
  return layout;
}

/** As Stability-AI/generative-models (sd_xl_base.yaml) names them. */
export function sdxlLayout(): Layout {
  const layout: Layout = new Map();
  addUNet(layout, unetXl);
  addAutoencoder(layout);
  addTextEncoder(layout, 'conditioner.embedders.0.transformer.text_model');
  addOpenClip(layout, 'conditioner.embedders.1.model');
  return layout;
}

const hintWidths = [3, 16, 16, 32, 32, 96, 96, 256, 320] as const;

/** As control_v11p_sd15_canny and its like have them. */
export function controlNet15Layout(): Layout {
  const unet: Layout = new Map();
  addUNet(unet, unet15);
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

/** All matrices of the transformers and of the text encoder, as sd-scripts' networks/lora.py adapts and names them. */
export function lora15Layout(rank: number): Layout {
  const layout: Layout = new Map();
  for (const [key, [outputs = 0, inputs = 0, ...kernel]] of stableDiffusion15Layout()) {
    const name = loraName(key);
    if (name === undefined) continue;
    const ones = kernel.map(() => 1);
    layout.set(`${name}.lora_down.weight`, [rank, inputs, ...kernel]);
    layout.set(`${name}.lora_up.weight`, [outputs, rank, ...ones]);
  }
  return layout;
}

/** Undefined for what is left as it is. */
function loraName(key: string): string | undefined {
  const text =
    /^cond_stage_model\.transformer\.(text_model\.encoder\.layers\..*(?:_proj|fc\d))\.weight$/.exec(key);
  if (text !== null) return `lora_te_${text[1]!.replaceAll('.', '_')}`;
  const unet =
    /\.(input_blocks|middle_block|output_blocks)\.(?:(\d+)\.)?1\.((?:proj|transformer).*)\.weight$/.exec(key);
  const [, side, index, layer] = unet ?? [];
  if (side === undefined || layer === undefined || layer.includes('norm')) return undefined;
  // The first input block is the first convolution; each level has two blocks and what makes it smaller.
  const place = Number(index) - (side === 'input_blocks' ? 1 : 0);
  const blocks = { input_blocks: 'down_blocks', middle_block: 'mid_block', output_blocks: 'up_blocks' }[side];
  const block =
    index === undefined
      ? `${blocks}.attentions.0`
      : `${blocks}.${Math.floor(place / 3)}.attentions.${place % 3}`;
  return `lora_unet_${`${block}.${layer}`.replaceAll('.', '_')}`;
}

function addLayer(layout: Layout, key: string, weight: readonly number[]): void {
  layout.set(`${key}.weight`, weight).set(`${key}.bias`, weight.slice(0, 1));
}

function addUNet(layout: Layout, { levels, contextWidth, projection, labelWidth }: UNetShape): void {
  const prefix = 'model.diffusion_model';
  const { width: first } = levels[0]!;
  const timeWidth = 4 * first;
  const add = (key: string, weight: readonly number[]) => addLayer(layout, `${prefix}.${key}`, weight);
  const addResnet = (key: string, input: number, output: number) => {
    add(`${key}.in_layers.0`, [input]);
    add(`${key}.in_layers.2`, [output, input, 3, 3]);
    add(`${key}.emb_layers.1`, [output, timeWidth]);
    add(`${key}.out_layers.0`, [output]);
    add(`${key}.out_layers.3`, [output, output, 3, 3]);
    if (input !== output) add(`${key}.skip_connection`, [output, input, 1, 1]);
  };
  const addTransformer = (key: string, { width, depth = 0 }: UNetLevel) => {
    const projected = projection === 'conv' ? [width, width, 1, 1] : [width, width];
    add(`${key}.norm`, [width]);
    add(`${key}.proj_in`, projected);
    for (let index = 0; index < depth; index++) {
      const block = `${key}.transformer_blocks.${index}`;
      for (const [attention, keyWidth] of [
        ['attn1', width],
        ['attn2', contextWidth],
      ] as const) {
        layout.set(`${prefix}.${block}.${attention}.to_q.weight`, [width, width]);
        layout.set(`${prefix}.${block}.${attention}.to_k.weight`, [width, keyWidth]);
        layout.set(`${prefix}.${block}.${attention}.to_v.weight`, [width, keyWidth]);
        add(`${block}.${attention}.to_out.0`, [width, width]);
      }
      for (const norm of ['norm1', 'norm2', 'norm3']) add(`${block}.${norm}`, [width]);
      add(`${block}.ff.net.0.proj`, [8 * width, width]);
      add(`${block}.ff.net.2`, [width, 4 * width]);
    }
    add(`${key}.proj_out`, projected);
  };

  add('time_embed.0', [timeWidth, first]);
  add('time_embed.2', [timeWidth, timeWidth]);
  if (labelWidth !== undefined) {
    add('label_emb.0.0', [timeWidth, labelWidth]);
    add('label_emb.0.2', [timeWidth, timeWidth]);
  }
  add('input_blocks.0.0', [first, 4, 3, 3]);
  let width = first;
  const skips = [width];
  for (const [index, level] of levels.entries()) {
    for (let block = 0; block < unetBlocks; block++) {
      const key = `input_blocks.${skips.length}`;
      addResnet(`${key}.0`, width, level.width);
      if (level.depth !== undefined) addTransformer(`${key}.1`, level);
      width = level.width;
      skips.push(width);
    }
    if (index < levels.length - 1) {
      add(`input_blocks.${skips.length}.0.op`, [width, width, 3, 3]);
      skips.push(width);
    }
  }
  // As deep as the deepest place that has one.
  const { depth } = levels.findLast((level) => level.depth !== undefined)!;
  addResnet('middle_block.0', width, width);
  addTransformer('middle_block.1', { width, ...(depth !== undefined && { depth }) });
  addResnet('middle_block.2', width, width);
  let output = 0;
  for (const [index, level] of [...levels.entries()].reverse()) {
    for (let block = 0; block <= unetBlocks; block++, output++) {
      const key = `output_blocks.${output}`;
      addResnet(`${key}.0`, width + skips.pop()!, level.width);
      if (level.depth !== undefined) addTransformer(`${key}.1`, level);
      width = level.width;
      if (block === unetBlocks && index > 0) {
        add(`${key}.${level.depth === undefined ? 1 : 2}.conv`, [width, width, 3, 3]);
      }
    }
  }
  add('out.0', [width]);
  add('out.2', [4, width, 3, 3]);
}

function addAutoencoder(layout: Layout): void {
  addCoder(layout, 'first_stage_model.encoder', 'down');
  addCoder(layout, 'first_stage_model.decoder', 'up');
  addLayer(layout, 'first_stage_model.quant_conv', [8, 8, 1, 1]);
  addLayer(layout, 'first_stage_model.post_quant_conv', [4, 4, 1, 1]);
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
  const { width, layers } = clipL;
  layout.set(`${prefix}.embeddings.token_embedding.weight`, [vocabulary, width]);
  layout.set(`${prefix}.embeddings.position_embedding.weight`, [positions, width]);
  for (let index = 0; index < layers; index++) {
    const layer = `${prefix}.encoder.layers.${index}`;
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) {
      addLayer(layout, `${layer}.self_attn.${part}`, [width, width]);
    }
    addLayer(layout, `${layer}.layer_norm1`, [width]);
    addLayer(layout, `${layer}.mlp.fc1`, [4 * width, width]);
    addLayer(layout, `${layer}.mlp.fc2`, [width, 4 * width]);
    addLayer(layout, `${layer}.layer_norm2`, [width]);
  }
  addLayer(layout, `${prefix}.final_layer_norm`, [width]);
}

/** OpenCLIP ViT-bigG/14's. */
function addOpenClip(layout: Layout, prefix: string): void {
  const { width, layers } = bigG;
  layout.set(`${prefix}.token_embedding.weight`, [vocabulary, width]);
  layout.set(`${prefix}.positional_embedding`, [positions, width]);
  layout.set(`${prefix}.text_projection`, [width, width]);
  layout.set(`${prefix}.logit_scale`, []);
  for (let index = 0; index < layers; index++) {
    const layer = `${prefix}.transformer.resblocks.${index}`;
    layout.set(`${layer}.attn.in_proj_weight`, [3 * width, width]);
    layout.set(`${layer}.attn.in_proj_bias`, [3 * width]);
    addLayer(layout, `${layer}.attn.out_proj`, [width, width]);
    addLayer(layout, `${layer}.ln_1`, [width]);
    addLayer(layout, `${layer}.ln_2`, [width]);
    addLayer(layout, `${layer}.mlp.c_fc`, [4 * width, width]);
    addLayer(layout, `${layer}.mlp.c_proj`, [width, 4 * width]);
  }
  addLayer(layout, `${prefix}.ln_final`, [width]);
}
