"""Makes the golden files beside this script: the pictures that diffusers draws with a folder of SDXL in its own layout.

    python -m venv .venv && .venv/bin/pip install -r ../pipelines/requirements.txt && .venv/bin/python dump.py

Three U-Nets for it: one as SDXL's, one as SSD-1B's consistency model (transformers of other depths within a size, a middle
without one, told how strongly the prompt guides) and one as KOALA-700M's (one block a size, no middle). Few-step models
are asked for as their publishers say. The autoencoder is there in half precision only. `networks.json` has of each tensor
the shape, scale and offset of its values, which are hashes of its key (../pipelines/checkpoint.py).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import torch
from diffusers import (
    DDIMScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionXLPipeline,
    TCDScheduler,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pipelines"))
from checkpoint import hashed, spread_of  # noqa: E402
from dump import small_autoencoder, vocabulary  # noqa: E402

GAINS = {r"^unet\.\w+\.conv_out\.weight": 1.0, r"attn2\.to_out": 8.0, r"add_embedding\.linear_2\.weight": 2.0,
         r"decoder\.conv_out\.weight": 0.8, r"quant_conv": 0.5}  # fmt: skip
FIRST, SECOND, POOLED = 64, 128, 96
COMMON = {"prompt": "a red house in a green meadow", "width": 64, "height": 64}
# Few-step ones by the name that they are published under, with their card's own settings.
CASES = [
    {"name": "base", "unet": "base", "seed": 71, "scheduler": "ddim", "num_inference_steps": 5, "guidance_scale": 5.0},
    {"name": "lightning", "unet": "base", "seed": 72, "published": "sdxl_lightning_4step", "num_inference_steps": 4, "guidance_scale": 0.0},
    {"name": "lightning-one-step", "unet": "base", "seed": 73, "published": "sdxl_lightning_1step_x0", "num_inference_steps": 1, "guidance_scale": 0.0},
    {"name": "turbo", "unet": "base", "seed": 74, "published": "sd_xl_turbo_1.0_fp16", "num_inference_steps": 1, "guidance_scale": 0.0},
    {"name": "hyper", "unet": "base", "seed": 75, "published": "Hyper-SDXL-2steps-lora", "num_inference_steps": 2, "guidance_scale": 0.0},
    {"name": "hyper-one-step", "unet": "base", "seed": 76, "published": "Hyper-SDXL-1step-lora", "num_inference_steps": 1, "guidance_scale": 0.0, "eta": 1.0},
    {"name": "tcd", "unet": "base", "seed": 77, "published": "TCD-SDXL-LoRA", "num_inference_steps": 4, "guidance_scale": 0.0, "eta": 0.3},
    {"name": "lcm", "unet": "base", "seed": 78, "published": "lcm-lora-sdxl", "num_inference_steps": 4, "guidance_scale": 1.0},
    {"name": "lcm-ssd-1b", "unet": "ssd", "seed": 79, "published": "lcm-ssd-1b", "num_inference_steps": 4, "guidance_scale": 8.0},
    {"name": "hyper-one-step-unet", "unet": "base", "seed": 81, "published": "Hyper-SDXL-1step-Unet", "num_inference_steps": 1, "timesteps": [800], "guidance_scale": 0.0},
    {"name": "dmd2-one-step", "unet": "base", "seed": 82, "published": "dmd2_sdxl_1step_unet_fp16", "num_inference_steps": 1, "timesteps": [399], "guidance_scale": 0.0},
    {"name": "dmd2", "unet": "base", "seed": 83, "published": "dmd2_sdxl_4step_unet_fp16", "num_inference_steps": 4, "timesteps": [999, 749, 499, 249], "guidance_scale": 0.0},
    {"name": "koala", "unet": "koala", "seed": 80, "scheduler": "ddim", "num_inference_steps": 5, "guidance_scale": 3.5, "negative_prompt": "a blue sea at night"},
]  # fmt: skip

SCHEDULERS = {
    "sdxl_lightning_4step": lambda config: EulerDiscreteScheduler.from_config(config, timestep_spacing="trailing"),
    "sdxl_lightning_1step_x0": lambda config: EulerDiscreteScheduler.from_config(
        config, timestep_spacing="trailing", prediction_type="sample"
    ),
    "sd_xl_turbo_1.0_fp16": lambda config: EulerAncestralDiscreteScheduler.from_config(config, timestep_spacing="trailing"),
    "Hyper-SDXL-2steps-lora": lambda config: DDIMScheduler.from_config(config, timestep_spacing="trailing"),
    "Hyper-SDXL-1step-lora": lambda config: TCDScheduler.from_config(config),
    "TCD-SDXL-LoRA": lambda config: TCDScheduler.from_config(config),
    "lcm-lora-sdxl": lambda config: LCMScheduler.from_config(config),
    "lcm-ssd-1b": lambda config: LCMScheduler.from_config(config),
    "Hyper-SDXL-1step-Unet": lambda config: LCMScheduler.from_config(config),
    "dmd2_sdxl_1step_unet_fp16": lambda config: LCMScheduler.from_config(config),
    "dmd2_sdxl_4step_unet_fp16": lambda config: LCMScheduler.from_config(config),
}


def unet(name: str) -> UNet2DConditionModel:
    common = {
        "sample_size": 8, "in_channels": 4, "out_channels": 4, "cross_attention_dim": FIRST + SECOND, "use_linear_projection": True,
        "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": POOLED + 6 * 256, "norm_num_groups": 32,
    }  # fmt: skip
    if name == "base":
        return UNet2DConditionModel(
            **common, layers_per_block=1, block_out_channels=(64, 128), attention_head_dim=(1, 2),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2),
        )  # fmt: skip
    three = {
        **common, "block_out_channels": (32, 64, 128), "attention_head_dim": (1, 1, 2),
        "down_block_types": ("DownBlock2D",) + ("CrossAttnDownBlock2D",) * 2,
        "up_block_types": ("CrossAttnUpBlock2D",) * 2 + ("UpBlock2D",),
    }  # fmt: skip
    if name == "ssd":
        return UNet2DConditionModel(
            **three, layers_per_block=2, mid_block_type="UNetMidBlock2D", transformer_layers_per_block=[1, [1, 1], [2, 2]],
            reverse_transformer_layers_per_block=[[2, 2, 3], [2, 1, 1], 1], time_cond_proj_dim=32,
        )  # fmt: skip
    return UNet2DConditionModel(**three, layers_per_block=1, mid_block_type=None, transformer_layers_per_block=(1, 1, 2))


def text_config(width: int, layers: int, activation: str) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=layers,
        num_attention_heads=width // 32, max_position_embeddings=77, hidden_act=activation, bos_token_id=49406,
        eos_token_id=49407, projection_dim=POOLED,
    )  # fmt: skip


def fill(network: torch.nn.Module, part: str, listed: dict) -> torch.nn.Module:
    own, state = {}, {}
    for key, value in network.state_dict().items():
        if key.endswith("position_ids"):
            continue
        shape, name = list(value.shape), f"{part}.{key}"
        scale, offset = (round(number * 2**16) / 2**16 for number in spread_of(name, shape, GAINS))
        own[key] = [shape, scale, offset]
        state[key] = hashed(name, shape, scale, offset)
        if part == "vae":
            state[key] = state[key].half().float()
    network.load_state_dict(state, strict=False)
    listed[part] = own
    return network.eval()


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    listed: dict = {}
    vae = small_autoencoder()
    vae.register_to_config(scaling_factor=0.13025)
    unets = {name: fill(unet(name), f"unet.{name}", listed) for name in ("base", "ssd", "koala")}
    # With what SDXL's own file says for other schedulers, which they take over.
    scheduler = EulerDiscreteScheduler.from_config({
        "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1,
        "timestep_spacing": "leading", "clip_sample": False, "set_alpha_to_one": False, "skip_prk_steps": True,
    })  # fmt: skip
    configs: dict = {}
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder) / "vocabulary"
        words.mkdir()
        tokenizers = [vocabulary(words), vocabulary(words)]
        tokenizers[1].pad_token = "!"
        pipeline = StableDiffusionXLPipeline(
            unet=unets["base"], vae=fill(vae, "vae", listed), scheduler=scheduler, tokenizer=tokenizers[0],
            text_encoder=fill(CLIPTextModel(text_config(FIRST, 2, "quick_gelu")), "text_encoder", listed),
            text_encoder_2=fill(CLIPTextModelWithProjection(text_config(SECOND, 3, "gelu")), "text_encoder_2", listed),
            tokenizer_2=tokenizers[1], add_watermarker=False,
        )  # fmt: skip
        pipeline.save_pretrained(Path(folder) / "saved")
        for name in ("model_index.json", "vae/config.json", "text_encoder/config.json", "text_encoder_2/config.json",
                     "scheduler/scheduler_config.json"):  # fmt: skip
            configs[name] = json.loads((Path(folder) / "saved" / name).read_text())
        for name, network in unets.items():
            network.save_config(Path(folder) / name)
            configs[f"unet/config.{name}.json"] = json.loads((Path(folder) / name / "config.json").read_text())
    pipeline.set_progress_bar_config(disable=True)
    for case in CASES:
        case |= {**COMMON, **case}
        options = {key: value for key, value in case.items() if key not in ("name", "unet", "seed", "scheduler", "published")}
        pipeline.register_modules(unet=unets[case["unet"]])
        pipeline.scheduler = (
            SCHEDULERS[case["published"]](scheduler.config)
            if "published" in case
            else DDIMScheduler.from_config(scheduler.config)
        )
        generator = torch.Generator("cpu").manual_seed(case["seed"])
        pipeline(**options, generator=generator).images[0].save(HERE / f"{case['name']}.png")
    lines = ",\n".join("  " + json.dumps(case) for case in CASES)
    (HERE / "cases.json").write_text('{"configs": ' + json.dumps(configs) + ', "cases": [\n' + lines + "\n]}\n")
    parts = ",\n".join(
        f"{json.dumps(part)}: {{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in own.items()) + "}"
        for part, own in listed.items()
    )
    (HERE / "networks.json").write_text("{" + parts + "}\n")


if __name__ == "__main__":
    main()
