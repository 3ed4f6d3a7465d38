"""Makes the golden files beside this script: the picture that diffusers draws with a folder of its own layout.

    python -m venv .venv && .venv/bin/pip install -r ../pipelines/requirements.txt && .venv/bin/python dump.py

A latent consistency model, which is told how strongly the prompt guides, whose networks have numbers of heads that only
their configuration tells. The folder is not stored: `folder.json` has its configuration, and of each tensor the shape,
scale and offset of its values, which are hashes of its key (../pipelines/checkpoint.py).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import torch
from diffusers import LatentConsistencyModelPipeline, LCMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pipelines"))
from checkpoint import hashed, spread_of  # noqa: E402
from dump import small_autoencoder, vocabulary  # noqa: E402

GAINS = {r"^unet\.conv_out\.weight": 1.0, r"attn2\.to_out": 12.0, r"decoder\.conv_out\.weight": 0.8, r"quant_conv": 0.5}
CASE = {"prompt": "a red house in a green meadow", "num_inference_steps": 3, "guidance_scale": 6.5, "width": 64, "height": 64}
SEED = 31


def networks() -> dict[str, torch.nn.Module]:
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(32, 64),
        down_block_types=("CrossAttnDownBlock2D",) * 2, up_block_types=("CrossAttnUpBlock2D",) * 2,
        cross_attention_dim=48, attention_head_dim=(2, 16), norm_num_groups=32, time_cond_proj_dim=32,
    )  # fmt: skip
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=49408, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=77, hidden_act="gelu", pad_token_id=49407, bos_token_id=49406, eos_token_id=49407,
    ))  # fmt: skip
    return {"unet": unet, "vae": small_autoencoder(), "text_encoder": text}


def main() -> None:
    torch.set_num_threads(1)
    parts, listed = networks(), {}
    for part, network in parts.items():
        state = {}
        for key, value in network.state_dict().items():
            shape, name = list(value.shape), f"{part}.{key}"
            if key.endswith("position_ids"):
                continue
            scale, offset = (round(number * 2**16) / 2**16 for number in spread_of(name, shape, GAINS))
            listed[name] = [shape, scale, offset]
            state[key] = hashed(name, shape, scale, offset)
        network.load_state_dict(state, strict=False)
        network.eval()
    with tempfile.TemporaryDirectory() as folder:
        pipeline = LatentConsistencyModelPipeline(
            **parts, tokenizer=vocabulary(Path(folder)), safety_checker=None, feature_extractor=None,
            scheduler=LCMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                   set_alpha_to_one=True),
            requires_safety_checker=False,
        )  # fmt: skip
        pipeline.save_pretrained(Path(folder) / "saved")
        names = ["model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json",
                 "scheduler/scheduler_config.json"]  # fmt: skip
        configs = {name: json.loads((Path(folder) / "saved" / name).read_text()) for name in names}
    pipeline.set_progress_bar_config(disable=True)
    generator = torch.Generator("cpu").manual_seed(SEED)
    pipeline(**CASE, generator=generator).images[0].save(HERE / "generate.png")
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in listed.items())
    head = json.dumps({"case": {**CASE, "seed": SEED}, "configs": configs})[1:-1]
    (HERE / "folder.json").write_text("{" + head + ',\n"tensors": {\n' + lines + "\n}}\n")


if __name__ == "__main__":
    main()
