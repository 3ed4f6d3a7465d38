"""As pipelines.py, with SDXL: an ordinary ControlNet and one for several kinds of maps. The checkpoints are those of ../sdxl.

    .venv/bin/python pipelines_xl.py
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import torch
from diffusers import (
    ControlNetModel,
    ControlNetUnionModel,
    StableDiffusionXLControlNetInpaintPipeline,
    StableDiffusionXLControlNetPipeline,
    StableDiffusionXLControlNetUnionInpaintPipeline,
    StableDiffusionXLControlNetUnionPipeline,
)
from PIL import Image

HERE = Path(__file__).parent / "sdxl"
sys.path[:0] = [str(HERE.parent.parent / folder) for folder in ("pipelines",)]
from checkpoint import hashed, spread_of  # noqa: E402


def module_at(name: str, path: Path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


xl = module_at("xl_dump", HERE.parent.parent / "sdxl/dump.py")
one = module_at("control_pipelines", HERE.parent / "pipelines.py")
sketch, picture = one.sketch, one.plain.picture
SIZES = {
    "in_channels": 4, "layers_per_block": 1, "block_out_channels": (64, 128), "transformer_layers_per_block": (1, 2),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "cross_attention_dim": xl.FIRST + xl.SECOND,
    "attention_head_dim": (1, 2), "use_linear_projection": True, "conditioning_embedding_out_channels": (4, 8, 12, 16),
    "addition_embed_type": "text_time", "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": xl.POOLED + 6 * 256,
}  # fmt: skip
GAINS = {r"controlnet_(down|mid)": 1.5, r"attn2\.to_out": 8.0, r"cond_embed": 1.6, r"add_embed\.linear_2": 2.0}
COMMON = {"prompt": "a red house in a green meadow", "num_inference_steps": 4, "guidance_scale": 5.0, "width": 64, "height": 64}
CASES = [
    {"name": "generate", "checkpoint": "base", "seed": 71, "controls": [{"net": "plain", "strength": 0.9}]},
    {"name": "generate-control", "checkpoint": "base", "seed": 72, "controls": [{"net": "plain", "mode": "control", "end": 0.75}]},
    {"name": "fill", "checkpoint": "inpainting", "seed": 73, "strength": 1.0, "controls": [{"net": "plain"}]},
    {"name": "generate-union", "checkpoint": "base", "seed": 74, "controls": [{"net": "union", "kind": "canny", "strength": 0.7}]},
    {"name": "generate-union-two", "checkpoint": "base", "seed": 75, "controls": [
        {"net": "union", "kind": "depth", "strength": 0.9}, {"net": "union", "kind": "softedge", "strength": 0.4}]},
    {"name": "fill-promax", "checkpoint": "base", "seed": 76, "strength": 0.7, "controls": [
        {"net": "promax", "kind": "inpaint", "strength": 0.8}]},
]  # fmt: skip
TASKS = {"depth": 1, "softedge": 2, "canny": 3, "inpaint": 7}


def with_hole(image: Image.Image, mask: Image.Image) -> Image.Image:
    """What the documentation of ControlNet++ ProMax shows it for inpainting: black where the picture is to be drawn."""
    return Image.composite(Image.new("RGB", image.size), image, mask.point(lambda grey: 255 if grey > 127 else 0))


def filled(name: str, net):
    listed, state = {}, {}
    for key, value in net.state_dict().items():
        shape = list(value.shape)
        # Other names, so that it is not weighed as a table of embeddings.
        spread = spread_of(key.replace("embedding", "embed").replace("in_proj_", "in_proj."), shape, GAINS)
        scale, offset = (round(number * 2**16) / 2**16 for number in spread)
        listed[key] = [shape, scale, offset]
        state[key] = hashed(f"{key}", shape, scale, offset)
    net.load_state_dict(state)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in listed.items())
    (HERE / f"{name}.keys.json").write_text("{\n" + lines + "\n}\n")
    return net.eval()


def draw(case: dict, bases: dict, nets: dict):
    size, controls = (case["width"], case["height"]), case["controls"]
    sketches = [sketch(size, index) for index in range(len(controls))]
    options = {key: case[key] for key in ("prompt", "num_inference_steps", "guidance_scale", "strength") if key in case}
    base = bases[case["checkpoint"]]
    base.scheduler = one.plain.scheduler("epsilon")
    net = controls[0]["net"]
    options |= {
        "generator": torch.Generator("cpu").manual_seed(case["seed"]), "guess_mode": controls[0].get("mode") == "control",
        "control_guidance_end": float(controls[0].get("end", 1)),
    }  # fmt: skip
    strengths = [float(control.get("strength", 1)) for control in controls]
    parts = {key: value for key, value in base.components.items() if key not in ("feature_extractor", "image_encoder")}
    parts |= {"controlnet": nets[net], "add_watermarker": False}
    if net == "union":
        pipeline = StableDiffusionXLControlNetUnionPipeline(**parts)
        return pipeline(control_image=sketches, control_mode=[TASKS[c["kind"]] for c in controls],
                        controlnet_conditioning_scale=strengths, **options).images[0]  # fmt: skip
    options["controlnet_conditioning_scale"] = strengths[0]
    if net == "promax":
        image, mask = picture(size)
        pipeline = StableDiffusionXLControlNetUnionInpaintPipeline(**parts)
        return pipeline(image=image, mask_image=mask, control_image=[with_hole(image, mask)],
                        control_mode=[TASKS[c["kind"]] for c in controls], **options).images[0]  # fmt: skip
    if case["name"].startswith("generate"):
        return StableDiffusionXLControlNetPipeline(**parts)(image=sketches[0], **options).images[0]
    image, mask = picture(size)
    pipeline = StableDiffusionXLControlNetInpaintPipeline(**parts)
    return pipeline(image=image, mask_image=mask, control_image=sketches[0], **options).images[0]


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        xl.HERE = Path(folder)
        bases = {name: xl.single_file(name) for name in ("base", "inpainting")}
    nets = {
        "plain": filled("plain", ControlNetModel(**SIZES)),
        "union": filled("union", ControlNetUnionModel(**SIZES, num_control_type=6, num_trans_channel=64, num_proj_channel=64)),
        "promax": filled("promax", ControlNetUnionModel(**SIZES, num_control_type=8, num_trans_channel=64, num_proj_channel=64)),
    }
    for case in CASES:
        case |= {**COMMON, **case}
        draw(case, bases, nets).save(HERE / f"{case['name']}.png")
    lines = ",\n".join("  " + json.dumps(case) for case in CASES)
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n")
