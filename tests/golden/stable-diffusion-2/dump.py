"""Makes the golden files beside this script: the picture that diffusers draws with a tiny Stable Diffusion 2.x in one file.

    python -m venv .venv && .venv/bin/pip install -r ../pipelines/requirements.txt && .venv/bin/python dump.py

As published files are: OpenCLIP's names with query, key and value in one tensor, a last layer that is not used, linear
projections, heads of 64, prompts padded with 0. What it predicts the file does not say. Its weights are hashes of their keys
(../pipelines/checkpoint.py), which `sd2.keys.json` lists.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pipelines"))
from checkpoint import hashed, shapes_of, spread_of  # noqa: E402
from dump import scheduler, small_autoencoder, vocabulary  # noqa: E402

GAINS = {r"diffusion_model\.out\.2\.weight": 1.0, r"attn2\.to_out": 12.0, r"decoder\.conv_out\.weight": 0.8, r"quant_conv": 0.5}
WIDTH, LAYERS = 128, 3
CASES = [
    {"name": "generate-v", "prediction_type": "v_prediction", "seed": 41},
    {"name": "generate-epsilon", "prediction_type": "epsilon", "seed": 42},
]
COMMON = {"prompt": "a red house in a green meadow", "num_inference_steps": 6, "guidance_scale": 7.5, "width": 64, "height": 64}


def networks():
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(64, 128),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=WIDTH, attention_head_dim=(1, 2), use_linear_projection=True, norm_num_groups=32,
    )  # fmt: skip
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=49408, hidden_size=WIDTH, intermediate_size=256, num_hidden_layers=LAYERS - 1, num_attention_heads=2,
        max_position_embeddings=77, hidden_act="gelu", pad_token_id=0, bos_token_id=49406, eos_token_id=49407,
        projection_dim=WIDTH,
    ))  # fmt: skip
    return unet, small_autoencoder(), text


def open_clip_shapes() -> dict[str, list[int]]:
    prefix = "cond_stage_model.model."
    shapes = {"positional_embedding": [77, WIDTH], "token_embedding.weight": [49408, WIDTH], "text_projection": [WIDTH, WIDTH],
              "logit_scale": [], "ln_final.weight": [WIDTH], "ln_final.bias": [WIDTH]}  # fmt: skip
    for layer in range(LAYERS):
        own = {"attn.in_proj_weight": [3 * WIDTH, WIDTH], "attn.in_proj_bias": [3 * WIDTH],
               "attn.out_proj.weight": [WIDTH, WIDTH], "attn.out_proj.bias": [WIDTH], "ln_1.weight": [WIDTH], "ln_1.bias": [WIDTH],
               "ln_2.weight": [WIDTH], "ln_2.bias": [WIDTH], "mlp.c_fc.weight": [256, WIDTH], "mlp.c_fc.bias": [256],
               "mlp.c_proj.weight": [WIDTH, 256], "mlp.c_proj.bias": [WIDTH]}  # fmt: skip
        shapes |= {f"transformer.resblocks.{layer}.{key}": shape for key, shape in own.items()}
    return {prefix + key: shape for key, shape in shapes.items()}


def single_file() -> StableDiffusionPipeline:
    unet, vae, text = networks()
    shapes = {k: v for k, v in shapes_of(unet, vae, text).items() if not k.startswith("cond_stage_model.")} | open_clip_shapes()
    tensors, listed = {}, {}
    for key, shape in shapes.items():
        # Biases in this naming do not end so.
        spread = spread_of(re.sub(r"in_proj_(\w+)$", r"in_proj.\1", key), shape, GAINS)
        scale, offset = (round(value * 2**16) / 2**16 for value in spread)
        listed[key] = [shape, scale, offset]
        tensors[key] = hashed(key, shape, scale, offset)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in listed.items())
    (HERE / "sd2.keys.json").write_text("{\n" + lines + "\n}\n")
    with tempfile.TemporaryDirectory() as folder:
        configs, file = Path(folder) / "configs", Path(folder) / "file.safetensors"
        (Path(folder) / "vocabulary").mkdir()
        tokenizer = vocabulary(Path(folder) / "vocabulary")
        tokenizer.pad_token = "!"
        StableDiffusionPipeline(
            vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=scheduler("v_prediction"),
            safety_checker=None, feature_extractor=None, requires_safety_checker=False,
        ).save_pretrained(configs)  # fmt: skip
        for weights in [*configs.rglob("*.safetensors"), *configs.rglob("*.bin")]:
            weights.unlink()
        save_file(tensors, file)
        return StableDiffusionPipeline.from_single_file(str(file), config=str(configs), local_files_only=True)


def main() -> None:
    torch.set_num_threads(1)
    pipeline = single_file()
    pipeline.set_progress_bar_config(disable=True)
    for case in CASES:
        pipeline.scheduler = scheduler(case["prediction_type"])
        generator = torch.Generator("cpu").manual_seed(case["seed"])
        pipeline(**COMMON, generator=generator).images[0].save(HERE / f"{case['name']}.png")
    lines = ",\n".join("  " + json.dumps({**COMMON, **case, "checkpoint": "sd2"}) for case in CASES)
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
