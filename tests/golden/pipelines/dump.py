"""Makes the golden files beside this script: the pictures that diffusers' pipelines draw with tiny checkpoints.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

A checkpoint is not stored: its weights are hashes of their keys (checkpoint.py), so its keys and shapes are enough.
diffusers reads it as one file in the published (LDM) names with its own converter. Versions are in requirements.txt. On
the same machine the same bytes come out every time.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from checkpoint import hashed, shapes_of, spread_of

HERE = Path(__file__).parent
# A random network answers to its prompt and stays in range only where its last layers are the right size.
GAINS = {r"diffusion_model\.out\.2\.weight": 1.0, r"attn2\.to_out": 12.0, r"decoder\.conv_out\.weight": 0.8, r"quant_conv": 0.5}


def vocabulary(folder: Path) -> CLIPTokenizer:
    """The published CLIP byte-pair vocabulary, from the open_clip_torch package."""
    root = Path(importlib.util.find_spec("open_clip").origin).parent
    lines = gzip.open(root / "bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")
    merges = lines[1 : 49152 - 256 - 2 + 1]
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    characters = [chr(byte) for byte in printable] + [chr(256 + n) for n in range(len(others))]
    words = characters + [c + "</w>" for c in characters] + ["".join(m.split()) for m in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges))
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), pad_token="<|endoftext|>", model_max_length=77)


def small_autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, sample_size=64, layers_per_block=1, block_out_channels=(32,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=32,
        scaling_factor=0.18215,
    )  # fmt: skip


def networks(in_channels: int):
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=in_channels, out_channels=4, layers_per_block=1, block_out_channels=(32, 64),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=64, attention_head_dim=8, norm_num_groups=32,
    )  # fmt: skip
    vae = small_autoencoder()
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=49408, hidden_size=64, intermediate_size=256, num_hidden_layers=3, num_attention_heads=1,
        max_position_embeddings=77, hidden_act="quick_gelu", pad_token_id=49407, bos_token_id=49406, eos_token_id=49407,
    ))  # fmt: skip
    return unet, vae, text


def scheduler(prediction_type: str) -> DDIMScheduler:
    return DDIMScheduler(1000, 0.00085, 0.012, "scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1,
                         prediction_type=prediction_type)  # fmt: skip


def single_file(name: str, in_channels: int, keep: Path | None) -> StableDiffusionPipeline:
    """Writes the keys of a checkpoint and reads it the way that diffusers reads anybody's."""
    unet, vae, text = networks(in_channels)
    tensors, listed = {}, {}
    for key, shape in shapes_of(unet, vae, text).items():
        scale, offset = (round(value * 2**16) / 2**16 for value in spread_of(key, shape, GAINS))
        listed[key] = [shape, scale, offset]
        tensors[key] = hashed(key, shape, scale, offset)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in listed.items())
    (HERE / f"{name}.keys.json").write_text("{\n" + lines + "\n}\n")
    with tempfile.TemporaryDirectory() as folder:
        configs, file = Path(folder) / "configs", Path(folder) / "file.safetensors"
        (Path(folder) / "vocabulary").mkdir()
        StableDiffusionPipeline(
            vae=vae, text_encoder=text, tokenizer=vocabulary(Path(folder) / "vocabulary"), unet=unet,
            scheduler=scheduler("epsilon"), safety_checker=None, feature_extractor=None, requires_safety_checker=False,
        ).save_pretrained(configs)  # fmt: skip
        for weights in [*configs.rglob("*.safetensors"), *configs.rglob("*.bin")]:
            weights.unlink()
        save_file(tensors, file)
        if keep is not None:
            save_file(tensors, keep / f"{name}.safetensors")
        return StableDiffusionPipeline.from_single_file(str(file), config=str(configs), local_files_only=True)


def picture(size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """Something to repaint, and where: slopes with a disc, and a mask with an edge on no multiple of 8."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack([x * 255 / (width - 1), y * 255 / (height - 1), 255 * ((x // 8 + y // 8) % 2)], -1)
    image[(x - width / 3) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2] = (230, 40, 60)
    mask = np.where((x >= 13) & (x < width - 19) & (y >= 10) & (y < height - 21), 255, 0)
    return Image.fromarray(image.astype(np.uint8)), Image.fromarray(mask.astype(np.uint8), "L")


COMMON = {"prompt": "a red house in a green meadow", "num_inference_steps": 6, "guidance_scale": 7.5}
CASES = [
    {"name": "generate", "checkpoint": "base", "seed": 7, "width": 64, "height": 64},
    {"name": "generate-wide", "checkpoint": "base", "seed": 8, "width": 96, "height": 64, "guidance_scale": 3,
     "negative_prompt": "a blue sea at night"},
    {"name": "generate-unguided", "checkpoint": "base", "seed": 9, "width": 64, "height": 64, "guidance_scale": 1},
    # Unguided: diffusers leaves layers out for the prompt only, A1111 and ComfyUI for the negative prompt as well.
    {"name": "generate-rescaled", "checkpoint": "base", "seed": 18, "width": 64, "height": 64, "guidance_rescale": 0.7},
    # Drawn small, enlarged with Lanczos, and drawn over with the same seed.
    {"name": "generate-high-resolution", "checkpoint": "base", "seed": 21, "width": 96, "height": 96, "first_side": 64,
     "high_resolution_strength": 0.5},
    {"name": "generate-clip-skip", "checkpoint": "base", "seed": 10, "width": 64, "height": 64, "guidance_scale": 1,
     "clip_skip": 1},
    {"name": "generate-v", "checkpoint": "base", "seed": 11, "width": 64, "height": 64, "prediction_type": "v_prediction"},
    # Drawn with everything masked: an inpainting model has no other way to draw from nothing.
    {"name": "generate-inpainting", "checkpoint": "inpainting", "seed": 17, "width": 64, "height": 64},
    {"name": "vary", "checkpoint": "base", "seed": 12, "width": 64, "height": 64, "strength": 0.6},
    {"name": "vary-pix2pix", "checkpoint": "pix2pix", "seed": 19, "width": 64, "height": 64, "image_guidance_scale": 1.5,
     "negative_prompt": "a blue sea at night"},
    {"name": "vary-pix2pix-unguided", "checkpoint": "pix2pix", "seed": 20, "width": 64, "height": 64, "guidance_scale": 1,
     "image_guidance_scale": 1.5},
    {"name": "fill", "checkpoint": "inpainting", "seed": 13, "width": 64, "height": 64, "strength": 1.0},
    {"name": "fill-partly", "checkpoint": "inpainting", "seed": 14, "width": 64, "height": 64, "strength": 0.6},
    {"name": "fill-base", "checkpoint": "base", "seed": 15, "width": 64, "height": 64, "strength": 1.0},
    {"name": "fill-base-partly", "checkpoint": "base", "seed": 16, "width": 64, "height": 64, "strength": 0.6},
]  # fmt: skip


def draw(case: dict, pipelines: dict[str, StableDiffusionPipeline]) -> Image.Image:
    base = pipelines[case["checkpoint"]]
    own = ("name", "checkpoint", "seed", "prediction_type", "first_side", "high_resolution_strength")
    options = {**COMMON, **{k: v for k, v in case.items() if k not in own}}
    options["generator"] = torch.Generator("cpu").manual_seed(case["seed"])
    base.scheduler = scheduler(case.get("prediction_type", "epsilon"))
    operation = case["name"].split("-")[0]
    image, mask = picture((case["width"], case["height"]))
    parts = {**base.components, "requires_safety_checker": False}
    parts.pop("image_encoder")
    if case["name"] == "generate-inpainting":
        operation, mask = "fill", Image.new("L", mask.size, 255)
    if case["name"] == "generate-high-resolution":
        first = base(**{**options, "width": case["first_side"], "height": case["first_side"]}).images[0]
        enlarged = first.resize((options.pop("width"), options.pop("height")), Image.Resampling.LANCZOS)
        options |= {"strength": case["high_resolution_strength"], "generator": torch.Generator("cpu").manual_seed(case["seed"])}
        return StableDiffusionImg2ImgPipeline(**parts)(image=enlarged, **options).images[0]
    if operation == "generate":
        return base(**options).images[0]
    if operation == "vary":
        del options["width"], options["height"]
        if case["checkpoint"] == "pix2pix":
            return StableDiffusionInstructPix2PixPipeline(**parts)(image=image, **options).images[0]
        return StableDiffusionImg2ImgPipeline(**parts)(image=image, **options).images[0]
    return StableDiffusionInpaintPipeline(**parts)(image=image, mask_image=mask, **options).images[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path, help="a folder for the checkpoints themselves")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pipelines = {
        "base": single_file("base", 4, arguments.keep),
        "inpainting": single_file("inpainting", 9, arguments.keep),
        "pix2pix": single_file("pix2pix", 8, arguments.keep),
    }
    for pipeline in pipelines.values():
        pipeline.set_progress_bar_config(disable=True)
    image, mask = picture((64, 64))
    image.save(HERE / "source.png"), mask.save(HERE / "mask.png")
    for case in CASES:
        draw(case, pipelines).save(HERE / f"{case['name']}.png")
    lines = ",\n".join("  " + json.dumps({**COMMON, **case}) for case in CASES)
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n")
