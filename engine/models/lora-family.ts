import type { Checkpoint } from '../weights/safetensors.ts';

/** How the tensors of a low-rank change end, as kohya, diffusers, PEFT, LyCORIS and XLabs write them. */
const loraSuffixes = [
  '.lora_down.weight',
  '.lora_A.weight',
  '.lora_A.default.weight',
  '.lora.down.weight',
  '_lora.down.weight',
  '.lora_linear_layer.down.weight',
  '_lora1.down.weight',
  '.hada_w1_a',
  '.lokr_w1',
  '.lokr_w1_a',
  '.oft_blocks',
  '.oft_diag',
  '.diff',
  '.on_input',
] as const;

/** Width of the text that cross-attention takes, by which a base model is known. */
const contextWidths: Readonly<Record<number, string>> = {
  768: 'Stable Diffusion 1.x',
  1024: 'Stable Diffusion 2.x',
  2048: 'SDXL',
};

const contextLoraKey = /attn2[._]to_[kv]\.lora(?:_down|_A|\.down)/;

/** `LoRA`, with the model that it changes where that can be told; undefined for any other file. */
export function recogniseLoRA(checkpoint: Checkpoint): string | undefined {
  const keys = [...checkpoint.tensors.keys()];
  if (!keys.some((key) => loraSuffixes.some((suffix) => key.endsWith(suffix)))) return undefined;
  const base = loraBase(checkpoint, keys);
  return base === undefined ? 'LoRA' : `LoRA for ${base}`;
}

function loraBase(checkpoint: Checkpoint, keys: readonly string[]): string | undefined {
  if (keys.some((key) => /(?:double|single)(?:_transformer)?_blocks[._]/.test(key))) return 'FLUX';
  if (keys.some((key) => key.startsWith('lora_te2_') || key.startsWith('text_encoder_2.'))) return 'SDXL';
  const context = keys.find((key) => contextLoraKey.test(key));
  const width = context === undefined ? undefined : checkpoint.tensors.get(context)!.shape[1];
  return width === undefined ? undefined : contextWidths[width];
}
