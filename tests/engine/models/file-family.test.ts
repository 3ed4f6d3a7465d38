import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { recogniseFile } from '../../../engine/models/file-family.ts';
import {
  checkpointOf,
  ldmUNet,
  ldmVae,
  prefixed,
  type Shapes,
  sd1Checkpoint,
  sd1Text,
  sd2Checkpoint,
  sdxlCheckpoint,
  sdxlRefiner,
} from './headers.ts';

const ldm = 'model.diffusion_model.';
const matrix = [32, 32];

describe('what can be used', () => {
  const usable: readonly (readonly [string, Shapes, object])[] = [
    ['SD 1.x', sd1Checkpoint(), { family: 'sd1', variant: 'base', architecture: 'Stable Diffusion 1.x' }],
    [
      'SD 1.x inpainting',
      sd1Checkpoint(9),
      { family: 'sd1', variant: 'inpainting', architecture: 'Stable Diffusion 1.x inpainting' },
    ],
    [
      'pix2pix',
      sd1Checkpoint(8),
      { family: 'sd1', variant: 'pix2pix', architecture: 'Stable Diffusion 1.x pix2pix' },
    ],
    ['SD 2.x', sd2Checkpoint(), { family: 'sd2', variant: 'base', architecture: 'Stable Diffusion 2.x' }],
    [
      'SD 2.x inpainting',
      sd2Checkpoint(9),
      { family: 'sd2', variant: 'inpainting', architecture: 'Stable Diffusion 2.x inpainting' },
    ],
    ['SDXL', sdxlCheckpoint(), { family: 'sdxl', variant: 'base', architecture: 'SDXL' }],
    [
      'SDXL inpainting',
      sdxlCheckpoint(9),
      { family: 'sdxl', variant: 'inpainting', architecture: 'SDXL inpainting' },
    ],
    [
      "SDXL's refiner",
      sdxlRefiner,
      { family: 'sdxl-refiner', variant: 'base', architecture: 'SDXL refiner' },
    ],
  ];
  for (const [name, shapes, expected] of usable) {
    test(`${name} is a checkpoint, with or without its VAE and EMA weights`, () => {
      const extras = {
        ...prefixed('first_stage_model.', ldmVae),
        'model_ema.diffusion_modelinput_blocks00weight': [1],
        betas: [1000],
      };
      assert.deepEqual(recogniseFile(checkpointOf(shapes)), { kind: 'checkpoint', ...expected });
      assert.deepEqual(recogniseFile(checkpointOf({ ...shapes, ...extras })), {
        kind: 'checkpoint',
        ...expected,
      });
    });
  }

  const others: readonly (readonly [string, Shapes, object])[] = [
    ['a VAE', ldmVae, { kind: 'vae', architecture: 'AutoencoderKL' }],
    [
      'a VAE under the prefix of a whole checkpoint',
      prefixed('first_stage_model.', ldmVae),
      { kind: 'vae', architecture: 'AutoencoderKL' },
    ],
    [
      'a VAE of diffusers',
      { 'decoder.conv_in.weight': [64, 4, 3, 3], 'decoder.mid_block.resnets.0.norm1.weight': [64] },
      { kind: 'vae', architecture: 'AutoencoderKL' },
    ],
    ['TAESD', { 'taesd_decoder.1.weight': [64, 4, 3, 3] }, { kind: 'vae', architecture: 'AutoencoderTiny' }],
    [
      'a bare TAESD decoder',
      { '1.weight': [64, 4, 3, 3], '3.conv.0.weight': [64, 64, 3, 3] },
      { kind: 'vae', architecture: 'AutoencoderTiny' },
    ],
    [
      "A1111's embedding",
      { 'string_to_param.*': [2, 768] },
      { kind: 'embedding', family: 'sd1', vectors: 2 },
    ],
    ['an embedding', { emb_params: [8, 1024] }, { kind: 'embedding', family: 'sd2', vectors: 8 }],
    ["diffusers' embedding", { '<cat>': [768] }, { kind: 'embedding', family: 'sd1', vectors: 1 }],
    [
      'an embedding for SDXL',
      { clip_l: [2, 768], clip_g: [2, 1280] },
      { kind: 'embedding', family: 'sdxl', vectors: 2 },
    ],
    ['an embedding for another width', { '*': [1, 64] }, { kind: 'embedding', vectors: 1 }],
    [
      "A1111's hypernetwork",
      { ...hypernetwork(320), ...hypernetwork(768) },
      { kind: 'hypernetwork', architecture: 'Hypernetwork', family: 'sd1' },
    ],
    [
      'a hypernetwork for Stable Diffusion 2.x',
      hypernetwork(1024),
      { kind: 'hypernetwork', architecture: 'Hypernetwork', family: 'sd2' },
    ],
    [
      'one for the texts of two families, or of none',
      { ...hypernetwork(768), ...hypernetwork(1024) },
      { kind: 'hypernetwork', architecture: 'Hypernetwork' },
    ],
    [
      "kohya's LoRA",
      { 'lora_unet_mid_block.lora_down.weight': [4, 64] },
      { kind: 'lora', architecture: 'LoRA' },
    ],
    [
      "diffusers' LoRA",
      { 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight': [4, 768] },
      { kind: 'lora', architecture: 'LoRA', family: 'sd1' },
    ],
    [
      'a LoRA for SDXL',
      { 'lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight': [4, 2048] },
      { kind: 'lora', architecture: 'LoRA', family: 'sdxl' },
    ],
    ['a LoHa', { 'lora_unet_x.hada_w1_a': [4, 4] }, { kind: 'lora', architecture: 'LoHa' }],
  ];
  for (const [name, shapes, expected] of others) {
    test(`${name} is recognised`, () => {
      const recognised = recogniseFile(checkpointOf(shapes));
      const architecture = recognised?.kind === 'embedding' ? { architecture: 'Textual inversion' } : {};
      assert.deepEqual(recognised, { ...architecture, ...expected });
    });
  }
});

describe('what cannot be used is named', () => {
  const refused: readonly (readonly [RegExp, Shapes])[] = [
    [
      /looks like Playground v2\.5, an SDXL that was trained with another kind of noise \(EDM\)/,
      { ...sdxlCheckpoint(), edm_mean: [4], edm_std: [4] },
    ],
    [/looks like CosXL, an SDXL/, { ...sdxlCheckpoint(), 'edm_vpred.sigma_max': [] }],
    // Random small widths, no text encoder: the structure still tells.
    [
      /looks like the U-Net of SDXL without its text encoder/,
      {
        'input_blocks.0.0.weight': [32, 4, 3, 3],
        'time_embed.0.weight': [128, 32],
        'label_emb.0.0.weight': [128, 96],
      },
    ],
    [
      /looks like Stable Diffusion 2\.1 unCLIP;/,
      { ...sd2Checkpoint(), [`${ldm}label_emb.0.0.weight`]: [1280, 2048] },
    ],
    [
      /looks like the Stable Diffusion x4 upscaler;/,
      { ...sd2Checkpoint(7), [`${ldm}label_emb.weight`]: [1000, 1024] },
    ],
    [/looks like the depth model of Stable Diffusion 2\.x;/, sd2Checkpoint(5)],
    [/looks like Stable Zero123;/, { ...sd1Checkpoint(8), 'cc_projection.weight': [768, 772] }],
    [
      /looks like Stable Video Diffusion;/,
      { ...sd2Checkpoint(8), [`${ldm}input_blocks.1.1.time_stack.0.attn1.to_q.weight`]: matrix },
    ],
    [/a model with 6 input channels of Stable Diffusion 1\.x;/, sd1Checkpoint(6)],
    [
      /looks like Stable Diffusion 3; not supported yet/,
      { [`${ldm}joint_blocks.0.context_block.attn.qkv.weight`]: matrix },
    ],
    [
      /looks like FLUX; not supported yet/,
      { 'double_blocks.0.img_attn.norm.key_norm.scale': [128], 'img_in.weight': [3072, 64] },
    ],
    [
      /looks like Chroma;/,
      {
        'double_blocks.0.img_attn.norm.key_norm.scale': [128],
        'distilled_guidance_layer.norms.0.scale': [1],
      },
    ],
    [/looks like Wan, a video model;/, { 'head.modulation': [1] }],
    [/looks like a LoRA for FLUX;/, { 'lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight': [4, 3072] }],
    [/looks like an OFT adaptation;/, { 'lora_unet_x.oft_blocks': [4, 4, 4] }],
    [/looks like an IA3 adaptation;/, { 'lora_unet_x.on_input': [1] }],
    [/looks like Control-LoRA/, { lora_controlnet: [0], 'input_blocks.0.0.weight': [320, 4, 3, 3] }],
    [
      /looks like T2I-Adapter,/,
      { 'conv_in.weight': [320, 192, 3, 3], 'body.0.block1.weight': [320, 320, 3, 3] },
    ],
    [/looks like T2I-Adapter \(light, diffusers\),/, { 'adapter.body.0.in_conv.weight': [80, 64, 1, 1] }],
    [
      /looks like ControlNet-LLLite, which works beside a checkpoint/,
      {
        'lllite_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_k.conditioning1.0.weight': [16, 3, 4, 4],
        'lllite_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_k.down.0.weight': [64, 640],
        'lllite_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_k.up.0.weight': [640, 64],
      },
    ],
    [
      /looks like IP-Adapter,/,
      { 'image_proj.latents': [1, 16, 768], 'ip_adapter.1.to_k_ip.weight': [320, 768] },
    ],
    [
      /looks like IP-Adapter,/,
      { 'ip_adapter.0.to_q_lora.down.weight': [128, 320], 'ip_adapter.0.to_q_lora.up.weight': [320, 128] },
    ],
    [
      /looks like SparseCtrl, a ControlNet for videos,/,
      {
        'down_blocks.0.motion_modules.0.temporal_transformer.norm.weight': [320],
        'controlnet_down_blocks.0.weight': [320, 320, 1, 1],
        'controlnet_cond_embedding.conv_in.weight': [16, 5, 3, 3],
      },
    ],
    [
      /looks like ControlNet-XS,/,
      {
        'down_blocks.0.base_to_ctrl.0.weight': [4, 320, 1, 1],
        'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3],
      },
    ],
    [
      /looks like Kolors ControlNet,/,
      {
        'encoder_hid_proj.weight': [2048, 4096],
        'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3],
      },
    ],
    [/looks like a VAE with 16 latent channels/, { ...ldmVae, 'decoder.conv_in.weight': [512, 16, 3, 3] }],
    [/looks like a text encoder \(CLIP\);/, { 'text_model.encoder.layers.0.mlp.fc1.weight': matrix }],
    [
      /looks like an upscaler \(SwinIR\);/,
      {
        'params_ema.layers.0.residual_group.blocks.0.norm1.weight': [180],
        'params_ema.conv_first.weight': [180, 3, 3, 3],
      },
    ],
    [/looks like an eraser \(LaMa\);/, { 'generator.model.1.bn_l.running_mean': [64] }],
    [/looks like a segmentation model \(Segment Anything 2\);/, { 'image_encoder.trunk.pos_embed': [1] }],
    [/the U-Net of Stable Diffusion 1\.x without its text encoder/, prefixed(ldm, ldmUNet())],
    [
      /the U-Net of Stable Diffusion 2\.x inpainting without/,
      {
        'conv_in.weight': [32, 9, 3, 3],
        'down_blocks.0.resnets.0.norm1.weight': [32],
        'down_blocks.0.attentions.0.proj_in.weight': matrix,
      },
    ],
  ];
  for (const [words, shapes] of refused) {
    test(`${words.source}`, () => {
      assert.throws(
        () => recogniseFile(checkpointOf(shapes)),
        (error) => {
          assert.ok(error instanceof EngineError);
          assert.equal(error.code, 'unsupported-architecture');
          assert.match(error.message, words);
          assert.match(error.message, /some\.safetensors/);
          return true;
        },
      );
    });
  }

  test('upscalers and files of unknown networks are left to the door of the upscalers', () => {
    assert.equal(recogniseFile(checkpointOf({})), undefined);
    assert.equal(
      recogniseFile(checkpointOf({ 'body.0.weight': [8, 3, 3, 3], 'body.1.weight': [8] })),
      undefined,
    );
    assert.equal(recogniseFile(checkpointOf({ 'unknown.weight': [1] })), undefined);
    assert.equal(recogniseFile(checkpointOf({ ...sd1Text })), undefined);
  });
});

/** Two layers, as the first files name them. */
function hypernetwork(width: number): Shapes {
  const module = {
    'linear1.weight': [2 * width, width],
    'linear1.bias': [2 * width],
    'linear2.weight': [width, 2 * width],
    'linear2.bias': [width],
  };
  return { ...prefixed(`${width}.0.`, module), ...prefixed(`${width}.1.`, module) };
}
