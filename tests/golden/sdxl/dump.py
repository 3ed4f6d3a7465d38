"""Makes the golden files beside this script: the pictures that diffusers draws with tiny SDXL checkpoints in one file.

    python -m venv .venv && .venv/bin/pip install -r ../pipelines/requirements.txt && .venv/bin/python dump.py

As published files are: two text encoders, the second under OpenCLIP's names, transformers of other depths at each size,
none at the picture's own, linear projections, heads of 64. The refiner has the second text encoder alone. Their weights are
hashes of their keys (../pipelines/checkpoint.py), which `NAME.keys.json` lists; diffusers reads them with its own reader
of single files. The embedding's vectors are hashes of its name.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import torch
from diffusers import (
    DDIMScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pipelines"))
from checkpoint import hashed, shapes_of, spread_of  # noqa: E402
from dump import picture, scheduler, small_autoencoder, vocabulary  # noqa: E402

GAINS = {r"diffusion_model\.out\.2\.weight": 1.0, r"attn2\.to_out": 8.0, r"label_emb\.0\.2\.weight": 2.0,
         r"decoder\.conv_out\.weight": 0.8, r"quant_conv": 0.5}  # fmt: skip
FIRST, SECOND, POOLED = 64, 128, 96
# diffusers knows SDXL's second text encoder by its tenth layer.
SECOND_LAYERS = 10
EMBEDDING = {"name": "xl-style", "vectors": 2}
COMMON = {"prompt": "a red house in a green meadow", "num_inference_steps": 5, "guidance_scale": 5.0, "width": 64, "height": 64}
CASES = [
    {"name": "generate", "checkpoint": "base", "seed": 51},
    {"name": "generate-wide", "checkpoint": "base", "seed": 52, "width": 96, "negative_prompt": "a blue sea at night"},
    {"name": "generate-clip-skip", "checkpoint": "base", "seed": 53, "clip_skip": 1, "guidance_scale": 1.0},
    {"name": "generate-v", "checkpoint": "base", "seed": 54, "prediction_type": "v_prediction", "zero_snr": True},
    {"name": "generate-turbo", "checkpoint": "base", "seed": 55, "num_inference_steps": 2, "guidance_scale": 0.0, "trailing": True},
    {"name": "generate-embedding", "checkpoint": "base", "seed": 56, "prompt": "a red house in xl-style, at night"},
    {"name": "generate-refined", "checkpoint": "base", "seed": 57, "refiner_ratio": 0.6, "negative_prompt": "a blue sea at night"},
    {"name": "vary", "checkpoint": "base", "seed": 58, "strength": 0.6},
    {"name": "vary-refiner", "checkpoint": "refiner", "seed": 59, "strength": 0.6, "negative_prompt": "a blue sea at night"},
    {"name": "fill", "checkpoint": "inpainting", "seed": 60, "strength": 1.0},
    {"name": "fill-base", "checkpoint": "base", "seed": 61, "strength": 0.6},
]  # fmt: skip


def text_config(width: int, layers: int, activation: str) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=layers,
        num_attention_heads=width // 64, max_position_embeddings=77, hidden_act=activation, bos_token_id=49406,
        eos_token_id=49407, projection_dim=POOLED,
    )  # fmt: skip


def networks(name: str):
    is_refiner = name == "refiner"
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=9 if name == "inpainting" else 4, out_channels=4, layers_per_block=1,
        block_out_channels=(64, 128), down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), transformer_layers_per_block=(1, 2),
        cross_attention_dim=SECOND if is_refiner else FIRST + SECOND, attention_head_dim=(1, 2), use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=POOLED + (5 if is_refiner else 6) * 256, norm_num_groups=32,
    )  # fmt: skip
    vae = small_autoencoder()
    vae.register_to_config(scaling_factor=0.13025)
    first = None if is_refiner else CLIPTextModel(text_config(FIRST, 3, "quick_gelu"))
    return unet, vae, first, CLIPTextModelWithProjection(text_config(SECOND, SECOND_LAYERS, "gelu"))


def open_clip_shapes(prefix: str) -> dict[str, list[int]]:
    width = SECOND
    shapes = {"positional_embedding": [77, width], "token_embedding.weight": [49408, width], "text_projection": [width, POOLED],
              "logit_scale": [], "ln_final.weight": [width], "ln_final.bias": [width]}  # fmt: skip
    for layer in range(SECOND_LAYERS):
        own = {"attn.in_proj_weight": [3 * width, width], "attn.in_proj_bias": [3 * width],
               "attn.out_proj.weight": [width, width], "attn.out_proj.bias": [width], "ln_1.weight": [width], "ln_1.bias": [width],
               "ln_2.weight": [width], "ln_2.bias": [width], "mlp.c_fc.weight": [2 * width, width], "mlp.c_fc.bias": [2 * width],
               "mlp.c_proj.weight": [width, 2 * width], "mlp.c_proj.bias": [width]}  # fmt: skip
        shapes |= {f"transformer.resblocks.{layer}.{key}": shape for key, shape in own.items()}
    return {prefix + key: shape for key, shape in shapes.items()}


def single_file(name: str):
    """Writes the keys of a checkpoint and reads it the way that diffusers reads anybody's."""
    unet, vae, first, second = networks(name)
    no_text = torch.nn.Module()
    shapes = shapes_of(unet, vae, first or no_text)
    shapes = {key.replace("cond_stage_model.", "conditioner.embedders.0."): shape for key, shape in shapes.items()}
    shapes |= open_clip_shapes(f"conditioner.embedders.{0 if first is None else 1}.model.")
    tensors, listed = {}, {}
    for key, shape in shapes.items():
        # Biases in this naming do not end so.
        spread = spread_of(re.sub(r"in_proj_(\w+)$", r"in_proj.\1", key), shape, GAINS)
        scale, offset = (round(value * 2**16) / 2**16 for value in spread)
        listed[key] = [shape, scale, offset]
        tensors[key] = hashed(key, shape, scale, offset)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in listed.items())
    (HERE / f"{name}.keys.json").write_text("{\n" + lines + "\n}\n")
    with tempfile.TemporaryDirectory() as folder:
        configs, file = Path(folder) / "configs", Path(folder) / "file.safetensors"
        words = Path(folder) / "vocabulary"
        words.mkdir()
        tokenizers = [vocabulary(words), vocabulary(words)]
        tokenizers[1].pad_token = "!"
        parts = {"vae": vae, "unet": unet, "text_encoder": first, "text_encoder_2": second, "scheduler": scheduler("epsilon"),
                 "tokenizer": None if first is None else tokenizers[0], "tokenizer_2": tokenizers[1],
                 "force_zeros_for_empty_prompt": first is not None}  # fmt: skip
        kind = StableDiffusionXLPipeline
        if first is None:
            kind = StableDiffusionXLImg2ImgPipeline
            parts["requires_aesthetics_score"] = True
        kind(**parts, add_watermarker=False).save_pretrained(configs)
        for weights in [*configs.rglob("*.safetensors"), *configs.rglob("*.bin")]:
            weights.unlink()
        save_file(tensors, file)
        pipeline = kind.from_single_file(str(file), config=str(configs), local_files_only=True, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def scheduler_of(case: dict) -> DDIMScheduler:
    is_trailing = case.get("trailing", False) or case.get("zero_snr", False)
    return DDIMScheduler(
        num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1, prediction_type=case.get("prediction_type", "epsilon"),
        timestep_spacing="trailing" if is_trailing else "leading", rescale_betas_zero_snr=case.get("zero_snr", False),
    )  # fmt: skip


def draw(case: dict, pipelines: dict) -> Image.Image:
    base = pipelines[case["checkpoint"]]
    own = ("name", "checkpoint", "seed", "prediction_type", "zero_snr", "trailing", "refiner_ratio")
    options = {key: value for key, value in case.items() if key not in own}
    generator = options["generator"] = torch.Generator("cpu").manual_seed(case["seed"])
    for pipeline in pipelines.values():
        pipeline.scheduler = scheduler_of(case)
    options["prompt"] = options["prompt"].replace(EMBEDDING["name"], f"<{EMBEDDING['name']}>")
    image, mask = picture((case["width"], case["height"]))
    operation = case["name"].split("-")[0]
    if operation == "generate" and "refiner_ratio" in case:
        ratio = case["refiner_ratio"]
        latents = base(**options, denoising_end=ratio, output_type="latent").images
        del options["width"], options["height"]
        # The refiner goes on from where the base has left; the base's autoencoder makes the picture.
        latents = pipelines["refiner"](**options, image=latents, denoising_start=ratio, output_type="latent").images
        image = base.vae.decode(latents / base.vae.config.scaling_factor).sample
        return base.image_processor.postprocess(image.detach())[0]
    if operation == "generate":
        return base(**options).images[0]
    parts = {key: value for key, value in base.components.items() if key not in ("feature_extractor", "image_encoder")}
    if operation == "vary":
        del options["width"], options["height"]
        requires = {"requires_aesthetics_score": case["checkpoint"] == "refiner"}
        pipeline = StableDiffusionXLImg2ImgPipeline(**parts, **requires, add_watermarker=False,
                                                    force_zeros_for_empty_prompt=case["checkpoint"] != "refiner")  # fmt: skip
        return pipeline(image=image, **options).images[0]
    pipeline = StableDiffusionXLInpaintPipeline(**parts, add_watermarker=False)
    return pipeline(image=image, mask_image=mask, generator=generator, **{k: v for k, v in options.items() if k != "generator"}).images[0]


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    pipelines = {name: single_file(name) for name in ("base", "inpainting", "refiner")}
    base = pipelines["base"]
    token = f"<{EMBEDDING['name']}>"
    for part, width, encoder, tokenizer in (
        ("clip_l", FIRST, base.text_encoder, base.tokenizer),
        ("clip_g", SECOND, base.text_encoder_2, base.tokenizer_2),
    ):
        vectors = hashed(f"{EMBEDDING['name']}.{part}", [EMBEDDING["vectors"], width], 1.0, 0.0)
        base.load_textual_inversion(vectors, token=token, text_encoder=encoder, tokenizer=tokenizer)
    for case in CASES:
        case |= {**COMMON, **case}
        draw(case, pipelines).save(HERE / f"{case['name']}.png")
    lines = ",\n".join("  " + json.dumps(case) for case in CASES)
    (HERE / "cases.json").write_text('{"embedding": ' + json.dumps(EMBEDDING) + ', "cases": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main()
