/** Families of image models that are recognised by their keys, so that an error can say what a file is. */
import { EngineError } from '../errors.ts';
import type { Checkpoint } from '../weights/safetensors.ts';

interface Family {
  readonly name: string;
  /** A key of every file of the family and of none that is tested for later. */
  readonly pattern: RegExp;
}

/** Tested in this order. Sources: ComfyUI's model_detection.py and diffusers' single_file_utils.py. */
const families: readonly Family[] = [
  { name: 'a LoRA', pattern: /(?:^|\.)(?:lora_(?:up|down|A|B)|lora\.(?:up|down))(?:\.\w+)*\.weight$/ },
  { name: 'a LoRA (LyCORIS)', pattern: /^lora_\w+\.(?:hada_w1_a|lokr_w1|oft_blocks|diff)$/ },
  { name: 'a ControlNet', pattern: /^(?:control_model\.|input_hint_block\.|controlnet_cond_embedding\.)/ },
  {
    name: 'Stable Diffusion 3',
    pattern: /(?:^|\.)joint_blocks\.0\.|^transformer_blocks\.0\.attn\.add_q_proj\./,
  },
  { name: 'FLUX', pattern: /(?:^|\.)double_blocks\.0\.img_attn\.|^single_transformer_blocks\.0\./ },
  { name: 'Stable Cascade', pattern: /(?:^|\.)(?:clip_txt_mapper|clip_mapper|clf\.1)\.weight$/ },
  { name: 'Qwen-Image', pattern: /(?:^|\.)txt_norm\.weight$/ },
  { name: 'PixArt or LTX', pattern: /(?:^|\.)(?:adaln_single\.emb\.|t_block\.1\.weight$)/ },
  { name: 'AuraFlow', pattern: /(?:^|\.)double_layers\.0\.attn\./ },
  { name: 'HunyuanDiT', pattern: /(?:^|\.)mlp_t5\.0\.weight$/ },
  {
    name: 'Stable Video Diffusion',
    pattern: /\.(?:time_stack\.0\.|time_mixer\.|temporal_transformer_blocks\.)/,
  },
  { name: 'SDXL', pattern: /^conditioner\.embedders\.\d+\.|(?:^|\.)add_embedding\.linear_1\.weight$/ },
  { name: 'SDXL or Stable Diffusion unCLIP', pattern: /(?:^|\.)label_emb\.0\.0\.weight$/ },
  { name: 'the Stable Diffusion x4 upscaler', pattern: /(?:^|\.)label_emb\.weight$/ },
  { name: 'Stable Diffusion depth-to-image', pattern: /^depth_model\./ },
];

/** What a file is whose networks are known but not supported yet, as a sentence names it; `undefined` for all others. */
export function findUnsupportedFamily(checkpoint: Checkpoint): string | undefined {
  const keys = [...checkpoint.tensors.keys()];
  return families.find(({ pattern }) => keys.some((key) => pattern.test(key)))?.name;
}

/** Throws `unsupported-architecture` where the file is of such a family. */
export function refuseUnsupportedFamily(checkpoint: Checkpoint): void {
  const family = findUnsupportedFamily(checkpoint);
  if (family === undefined) return;
  throw new EngineError(
    'unsupported-architecture',
    `${checkpoint.file} looks like ${family}; not supported yet.`,
    { hint: 'Use a Stable Diffusion 1.x or 2.x checkpoint.' },
  );
}
