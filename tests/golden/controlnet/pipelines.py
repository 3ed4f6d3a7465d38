"""Makes the pictures beside this script: what diffusers' pipelines draw with tiny ControlNets.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python pipelines.py

The checkpoints are those of ../pipelines; the ControlNets are made in the same way: of their weights, too, only keys and
shapes are stored (cldm.keys.json, diffusers.keys.json). Versions are in requirements.txt.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    ControlNetModel,
    StableDiffusionControlNetImg2ImgPipeline,
    StableDiffusionControlNetInpaintPipeline,
    StableDiffusionControlNetPipeline,
)
from PIL import Image

from control_keys import cldm_key

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "pipelines"))
spec = importlib.util.spec_from_file_location("pipelines_dump", HERE.parent / "pipelines/dump.py")
plain = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plain)

from checkpoint import hashed, spread_of  # noqa: E402

GAINS = {r"zero_convs|controlnet_(down|mid)|middle_block_out": 1.5, r"attn2\.to_out": 12.0, r"hint_block|cond_embedding": 1.6}


def controlnet(name: str, rename) -> ControlNetModel:
    net = ControlNetModel(
        in_channels=4, layers_per_block=1, block_out_channels=(32, 64), cross_attention_dim=64, attention_head_dim=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), conditioning_embedding_out_channels=(4, 8, 12, 16),
    )  # fmt: skip
    listed, state = {}, {}
    for key, value in net.state_dict().items():
        published, shape = rename(key, net), list(value.shape)
        # Only tables of embeddings are to be spread as such.
        spread = spread_of(published.replace("embedding", "embed"), shape, GAINS)
        scale, offset = (round(number * 2**16) / 2**16 for number in spread)
        listed[published] = [shape, scale, offset]
        state[key] = hashed(published, shape, scale, offset)
    net.load_state_dict(state)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in listed.items())
    (HERE / f"{name}.keys.json").write_text("{\n" + lines + "\n}\n")
    return net.eval()


def sketch(size: tuple[int, int], seed: int) -> Image.Image:
    """White lines on black."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    lines = (np.abs((x * (1 + seed) + y * 2) % 37 - 18) < 2) | (np.abs(np.hypot(x - 30, y - 34) - 18 - seed) < 2)
    return Image.fromarray(np.repeat((lines * 255).astype(np.uint8)[..., None], 3, -1))


COMMON = {"prompt": "a red house in a green meadow", "num_inference_steps": 6, "guidance_scale": 5, "width": 64, "height": 64}
CASES = [
    {"name": "generate", "checkpoint": "base", "seed": 1, "controls": [{"net": "cldm"}]},
    {"name": "generate-range", "checkpoint": "base", "seed": 2, "width": 80,
     "controls": [{"net": "diffusers", "strength": 0.7, "start": 0.2, "end": 0.7}]},
    {"name": "generate-control", "checkpoint": "base", "seed": 3, "controls": [{"net": "cldm", "mode": "control"}]},
    {"name": "generate-unguided", "checkpoint": "base", "seed": 4, "guidance_scale": 1, "controls": [{"net": "cldm", "mode": "control"}]},
    {"name": "generate-two", "checkpoint": "base", "seed": 5, "controls": [
        {"net": "cldm", "strength": 0.8, "end": 0.6}, {"net": "diffusers", "strength": 0.5, "start": 0.3}]},
    {"name": "generate-pooled", "checkpoint": "base", "seed": 9, "controls": [{"net": "shuffle", "strength": 1.5}]},
    {"name": "vary", "checkpoint": "base", "seed": 6, "strength": 0.6, "controls": [{"net": "cldm"}]},
    {"name": "fill", "checkpoint": "inpainting", "seed": 7, "strength": 1.0, "controls": [{"net": "cldm"}]},
    {"name": "fill-base", "checkpoint": "base", "seed": 8, "strength": 0.6, "controls": [{"net": "cldm", "kind": "inpaint"}]},
]  # fmt: skip


def inpaint_map(image: Image.Image, mask: Image.Image) -> torch.Tensor:
    """As diffusers' documentation makes it (make_inpaint_condition)."""
    control = np.array(image).astype(np.float32) / 255
    control[np.array(mask).astype(np.float32) / 255 > 0.5] = -1
    return torch.from_numpy(control[None].transpose(0, 3, 1, 2))


def draw(case: dict, bases: dict, nets: dict[str, ControlNetModel]) -> Image.Image:
    case = {**COMMON, **case}
    size, controls = (case["width"], case["height"]), case["controls"]
    image, mask = plain.picture(size)
    sketches = [inpaint_map(image, mask) if c.get("kind") == "inpaint" else sketch(size, i) for i, c in enumerate(controls)]
    one = lambda values: values if len(values) > 1 else values[0]  # noqa: E731
    options = {key: case[key] for key in ("prompt", "num_inference_steps", "guidance_scale", "strength") if key in case}
    options |= {
        "generator": torch.Generator("cpu").manual_seed(case["seed"]),
        "controlnet_conditioning_scale": one([float(c.get("strength", 1)) for c in controls]),
        "control_guidance_start": one([float(c.get("start", 0)) for c in controls]),
        "control_guidance_end": one([float(c.get("end", 1)) for c in controls]),
        "guess_mode": controls[0].get("mode") == "control",
    }
    base = bases[case["checkpoint"]]
    base.scheduler = plain.scheduler("epsilon")
    parts = {**base.components, "requires_safety_checker": False, "controlnet": one([nets[c["net"]] for c in controls])}
    operation = case["name"].split("-")[0]
    if operation == "generate":
        return StableDiffusionControlNetPipeline(**parts)(image=one(sketches), **options).images[0]
    if operation == "vary":
        pipeline = StableDiffusionControlNetImg2ImgPipeline(**parts)
        return pipeline(image=image, control_image=one(sketches), **options).images[0]
    pipeline = StableDiffusionControlNetInpaintPipeline(**parts)
    return pipeline(image=image, mask_image=mask, control_image=one(sketches), **options).images[0]


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        plain.HERE = Path(folder)
        bases = {"base": plain.single_file("base", 4, None), "inpainting": plain.single_file("inpainting", 9, None)}
    for base in bases.values():
        base.set_progress_bar_config(disable=True)
    nets = {
        "cldm": controlnet("cldm", lambda key, net: "control_model." + cldm_key(key, net)),
        "diffusers": controlnet("diffusers", lambda key, net: key),
    }
    # The same weights, by another name: what they are for is said beside them.
    nets["shuffle"] = ControlNetModel.from_config(nets["cldm"].config, global_pool_conditions=True).eval()
    nets["shuffle"].load_state_dict(nets["cldm"].state_dict())
    for seed in (0, 1):
        for width in (64, 80):
            sketch((width, 64), seed).save(HERE / f"sketch-{seed}-{width}.png")
    for case in CASES:
        draw(case, bases, nets).save(HERE / f"{case['name']}.png")
    lines = ",\n".join("  " + json.dumps({**COMMON, **case}) for case in CASES)
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n")
