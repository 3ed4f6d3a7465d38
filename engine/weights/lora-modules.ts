/**
 * The modules of an adaptation file: whatever a trainer calls its tensors, each is a part of a known role of one module of the
 * model that it changes. Names as kohya's sd-scripts, diffusers, PEFT and LyCORIS write them.
 */
import type { Checkpoint } from './safetensors.ts';

/** What a tensor is to its module; `w1`, `w2`, `t` as LyCORIS has them. */
export type LoraRole =
  | 'down'
  | 'up'
  | 'mid'
  | 'alpha'
  | 'magnitude'
  | 'hada_w1_a'
  | 'hada_w1_b'
  | 'hada_w2_a'
  | 'hada_w2_b'
  | 'hada_t1'
  | 'hada_t2'
  | 'lokr_w1'
  | 'lokr_w1_a'
  | 'lokr_w1_b'
  | 'lokr_w2'
  | 'lokr_w2_a'
  | 'lokr_w2_b'
  | 'lokr_t2'
  | 'diff';

/** The part of a model that a module belongs to, where its name says so. */
export type LoraPart = 'unet' | 'textEncoder' | 'textEncoder2';

export interface LoraModule {
  readonly part?: LoraPart;
  /** The changed layer's name without the part's, its dots as underscores: kohya's way, into which all others go. */
  readonly name: string;
  /** The tensors' keys in the file, by role. */
  readonly keys: ReadonlyMap<LoraRole, string>;
}

/** Endings of keys, with the role of the tensor; the longest that fits counts. */
const roles: readonly (readonly [ending: string, role: LoraRole])[] = [
  // kohya, LoCon
  ['.lora_down.weight', 'down'],
  ['.lora_up.weight', 'up'],
  ['.lora_mid.weight', 'mid'],
  ['.alpha', 'alpha'],
  // PEFT
  ['.lora_A.weight', 'down'],
  ['.lora_B.weight', 'up'],
  ['.lora_A.default.weight', 'down'],
  ['.lora_B.default.weight', 'up'],
  ['.lora_magnitude_vector', 'magnitude'],
  ['.lora_magnitude_vector.weight', 'magnitude'],
  ['.lora_magnitude_vector.default.weight', 'magnitude'],
  // diffusers
  ['.lora.down.weight', 'down'],
  ['.lora.up.weight', 'up'],
  ['_lora.down.weight', 'down'],
  ['_lora.up.weight', 'up'],
  ['.lora_linear_layer.down.weight', 'down'],
  ['.lora_linear_layer.up.weight', 'up'],
  // LyCORIS
  ['.dora_scale', 'magnitude'],
  ['.hada_w1_a', 'hada_w1_a'],
  ['.hada_w1_b', 'hada_w1_b'],
  ['.hada_w2_a', 'hada_w2_a'],
  ['.hada_w2_b', 'hada_w2_b'],
  ['.hada_t1', 'hada_t1'],
  ['.hada_t2', 'hada_t2'],
  ['.lokr_w1', 'lokr_w1'],
  ['.lokr_w1_a', 'lokr_w1_a'],
  ['.lokr_w1_b', 'lokr_w1_b'],
  ['.lokr_w2', 'lokr_w2'],
  ['.lokr_w2_a', 'lokr_w2_a'],
  ['.lokr_w2_b', 'lokr_w2_b'],
  ['.lokr_t2', 'lokr_t2'],
  ['.diff', 'diff'],
];

/** Beginnings of keys, the longest first where one begins another; without a part where any may follow. */
const beginnings: readonly (readonly [beginning: string, part: LoraPart | undefined])[] = [
  ['base_model.model.', undefined],
  ['lora_unet_', 'unet'],
  ['lora_te1_', 'textEncoder'],
  ['lora_te2_', 'textEncoder2'],
  ['lora_te_', 'textEncoder'],
  ['unet.', 'unet'],
  ['text_encoder_2.', 'textEncoder2'],
  ['text_encoder.', 'textEncoder'],
  ['model.diffusion_model.', 'unet'],
  ['diffusion_model.', 'unet'],
  ['lycoris_', undefined],
];

/** All modules of a file; keys that are no part of one are left out. */
export function loraModules({ tensors }: Pick<Checkpoint, 'tensors'>): readonly LoraModule[] {
  const modules = new Map<string, { part?: LoraPart; name: string; keys: Map<LoraRole, string> }>();
  for (const key of tensors.keys()) {
    const ending = endingOf(key);
    if (ending === undefined) continue;
    const [suffix, role] = ending;
    const { part, name } = splitName(key.slice(0, -suffix.length));
    const id = `${part}:${name}`;
    const module = modules.get(id) ?? { ...(part !== undefined && { part }), name, keys: new Map() };
    module.keys.set(role, key);
    modules.set(id, module);
  }
  return [...modules.values()];
}

function endingOf(key: string): readonly [string, LoraRole] | undefined {
  let longest: readonly [string, LoraRole] | undefined;
  for (const ending of roles) {
    if (key.endsWith(ending[0]) && ending[0].length > (longest?.[0].length ?? 0)) longest = ending;
  }
  return longest;
}

function splitName(whole: string): Pick<LoraModule, 'part' | 'name'> {
  let rest = whole;
  let part: LoraPart | undefined;
  for (const [beginning, ofPart] of beginnings) {
    if (part !== undefined || !rest.startsWith(beginning)) continue;
    rest = rest.slice(beginning.length);
    part = ofPart;
  }
  // Attention processors of diffusers before 0.22: `attn1.processor.to_out_lora` changes `attn1.to_out.0`.
  const name = rest
    .replace(/_lora$/, '')
    .replace(/\.processor\.to_out$/, '.to_out.0')
    .replace('.processor.', '.');
  return { ...(part !== undefined && { part }), name: name.replaceAll('.', '_') };
}
