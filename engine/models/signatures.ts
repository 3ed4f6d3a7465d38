/**
 * Networks that are known by their published key names but cannot be run: what a file is, so that its owner is told that
 * instead of a list of keys. Each row names tensors that all have to be there (one that ends in `*`: any that begins so); the first
 * row that fits counts.
 */

/** What those files are for, in the words of the error. */
export type Purpose =
  | 'image model'
  | 'video model'
  | 'upscaler'
  | 'eraser'
  | 'adapter'
  | 'text encoder'
  | 'VAE'
  | 'segmentation model';

export interface Signature {
  readonly name: string;
  readonly purpose: Purpose;
  readonly keys: readonly string[];
}

function rows(purpose: Purpose, names: Readonly<Record<string, readonly string[]>>): readonly Signature[] {
  return Object.entries(names).map(([name, keys]) => ({ name, purpose, keys }));
}

/** Networks that add to another one. Looked for first: some carry parts of what they add to. */
export const adapterSignatures: readonly Signature[] = rows('adapter', {
  'Control-LoRA': ['lora_controlnet'],
  'HunyuanDiT ControlNet': ['after_proj_list.18.bias'],
  'Stable Diffusion 3 ControlNet': ['controlnet_blocks.0.weight', 'pos_embed_input.proj.weight'],
  'FLUX ControlNet': ['controlnet_blocks.0.weight', 'controlnet_x_embedder.weight'],
  'FLUX ControlNet (XLabs)': ['controlnet_blocks.0.weight', 'double_blocks.0.img_attn.norm.key_norm.scale'],
  'FLUX ControlNet (MistoLine)': ['controlnet_blocks.0.linear.weight'],
  'Qwen-Image ControlNet': ['controlnet_blocks.0.weight', 'transformer_blocks.0.img_mlp.net.0.proj.weight'],
  'Kolors ControlNet': ['encoder_hid_proj.weight', 'controlnet_cond_embedding.conv_in.weight'],
  'ControlNet-XS': ['down_blocks.0.base_to_ctrl.0.weight', 'controlnet_cond_embedding.conv_in.weight'],
  'ControlNet-LLLite': ['lllite_*'],
  'SparseCtrl, a ControlNet for videos': [
    'down_blocks.0.motion_modules.*',
    'controlnet_down_blocks.0.weight',
  ],
  'T2I-Adapter (light)': ['body.0.in_conv.weight'],
  'T2I-Adapter (light, diffusers)': ['adapter.body.0.in_conv.weight'],
  'T2I-Adapter': ['conv_in.weight', 'body.0.block1.weight'],
  'T2I-Adapter (diffusers)': ['adapter.body.0.resnets.0.block1.weight'],
  'T2I style adapter': ['style_embedding'],
  'IP-Adapter': ['ip_adapter.*'],
  'IP-Adapter (projection)': ['image_proj.proj.weight'],
  'FLUX Redux': ['redux_up.weight', 'redux_down.weight'],
});

/** Image and video models, under the prefix of their single-file layout or under none. */
export const diffusionSignatures: readonly Signature[] = [
  ...rows('image model', {
    'Stable Diffusion 3': ['joint_blocks.0.context_block.attn.qkv.weight'],
    'Stable Cascade': ['clf.1.weight'],
    AuraFlow: ['double_layers.0.attn.w1q.weight'],
    HunyuanDiT: ['mlp_t5.0.weight'],
  }),
  ...rows('video model', {
    HunyuanVideo: ['txt_in.individual_token_refiner.blocks.0.norm1.weight'],
  }),
  ...rows('image model', {
    Chroma: ['double_blocks.0.img_attn.norm.key_norm.scale', 'distilled_guidance_layer.norms.0.scale'],
    FLUX: ['double_blocks.0.img_attn.norm.key_norm.scale', 'img_in.weight'],
  }),
  ...rows('video model', { Mochi: ['t5_yproj.weight'] }),
  ...rows('image model', {
    PixArt: ['adaln_single.emb.timestep_embedder.linear_1.bias', 'pos_embed.proj.bias'],
  }),
  ...rows('video model', { 'LTX-Video': ['adaln_single.emb.timestep_embedder.linear_1.bias'] }),
  ...rows('image model', {
    'PixArt (native)': ['t_block.1.weight'],
    'Lumina or Z-Image': ['cap_embedder.1.weight'],
  }),
  ...rows('video model', { Wan: ['head.modulation'] }),
  ...rows('image model', {
    HiDream: ['caption_projection.0.linear.weight'],
    OmniGen2: ['time_caption_embed.timestep_embedder.linear_1.bias'],
    'Qwen-Image': ['txt_norm.weight'],
    'FLUX.2': ['double_stream_modulation_img.lin.weight'],
    'DeepFloyd IF': ['encoder_pooling.0.weight', 'encoder_proj.weight'],
    'FLUX (diffusers)': ['x_embedder.weight', 'single_transformer_blocks.0.attn.to_q.weight'],
    'Stable Diffusion 3 (diffusers)': [
      'pos_embed.proj.weight',
      'transformer_blocks.0.attn.add_q_proj.weight',
    ],
    Sana: ['blocks.0.cross_attn.q_linear.weight'],
  }),
];

/** Networks that come without a prefix, or under that of the framework that trained them. */
export const otherSignatures: readonly Signature[] = [
  ...rows('text encoder', {
    CLIP: ['text_model.encoder.layers.0.mlp.fc1.weight'],
    OpenCLIP: ['transformer.resblocks.0.ln_1.weight'],
    T5: ['encoder.block.0.layer.0.SelfAttention.k.weight'],
    'Qwen2.5-VL': ['model.layers.0.self_attn.k_proj.bias'],
    Gemma: ['model.layers.0.post_feedforward_layernorm.weight'],
    Llama: ['model.layers.0.post_attention_layernorm.weight'],
  }),
  ...rows('VAE', {
    'Stable Video Diffusion': ['decoder.mid.block_1.mix_factor'],
    'Wan or Qwen-Image': ['decoder.middle.0.residual.0.gamma'],
    'Stable Cascade': ['vquantizer.codebook.weight'],
  }),
  ...rows('upscaler', {
    HAT: ['relative_position_index_SA'],
    ATD: ['layers.0.residual_group.td'],
    Swin2SR: ['layers.0.residual_group.blocks.0.attn.cpb_mlp.0.weight', 'patch_embed.proj.weight'],
    SwinIR: ['layers.0.residual_group.blocks.0.norm1.weight', 'conv_first.weight'],
    DAT: ['before_RG.1.weight', 'layers.0.blocks.0.attn.attns.0.rpe_biases'],
    RGT: ['layers.0.blocks.0.gamma'],
    OmniSR: ['residual_layer.0.residual_layer.0.layer.0.fn.0.weight', 'input.weight'],
    DRCT: ['layers.0.swin1.norm1.weight'],
    SPAN: ['conv_1.sk.weight', 'block_1.c1_r.eval_conv.weight'],
    RealPLKSR: ['feats.1.lk.conv.weight'],
    'Real-CUGAN': ['unet1.conv1.conv.0.weight'],
    SCUNet: ['m_head.0.weight', 'm_tail.0.weight'],
    AuraSR: ['mid_attn.layers.0.0.to_out.weight'],
    SwiftSRGAN: ['initial.cnn.depthwise.weight'],
  }),
  ...rows('eraser', {
    LaMa: ['generator.model.1.bn_l.running_mean'],
    'LaMa (bare)': ['model.model.1.bn_l.running_mean'],
    MAT: ['synthesis.first_stage.conv_first.conv.resample_filter'],
    'MI-GAN': ['synthesis.b4.*', 'encoder.b4.*'],
  }),
  ...rows('segmentation model', {
    YOLO: ['model.22.dfl.conv.weight'],
    'Segment Anything': ['image_encoder.patch_embed.proj.weight'],
    'Segment Anything 2': ['image_encoder.trunk.*'],
  }),
];
