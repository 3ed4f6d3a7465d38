"""Makes the golden files beside this script: what diffusers computes with adaptations (LoRA and its kin) in each published form.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

The checkpoints are the `base` of ../pipelines and the `sd2` of ../stable-diffusion-2. Adaptations are not stored: their
numbers are hashes of their keys, which NAME.keys.json lists. diffusers loads what it can load (`load_lora_weights`); of
LyCORIS's forms the change of each weight is computed by the lycoris_lora package and added to the weight. `cases.json` has
what is used how strongly, NAME.golden.safetensors what the networks make of it, NAME.png a whole picture.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pipelines"))
from checkpoint import hashed  # noqa: E402
from dump import scheduler, single_file  # noqa: E402

PROMPT = "a red house in a green meadow"
OPTIONS = {"num_inference_steps": 6, "guidance_scale": 7.5, "width": 64, "height": 64}


class LoraFile:
    """An adaptation in the making: keys with the shape, the spread and the offset of their hashes."""

    def __init__(self, name: str):
        self.name = name
        self.listed: dict[str, list] = {}

    def add(self, key: str, shape: list[int], scale: float, offset: float = 0.0):
        self.listed[key] = [list(shape), round(scale * 2**16) / 2**16, round(offset * 2**16) / 2**16]

    def tensors(self) -> dict[str, torch.Tensor]:
        return {key: hashed(f"{self.name}/{key}", shape, scale, offset) for key, (shape, scale, offset) in self.listed.items()}

    def save(self):
        lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in self.listed.items())
        (HERE / f"{self.name}.keys.json").write_text("{\n" + lines + "\n}\n")


def layers(pipeline, *, convolutions: bool, text: bool = True):
    """(part, name in diffusers, module) of what trainers adapt."""
    for name, module in pipeline.unet.named_modules():
        is_matrix = isinstance(module, torch.nn.Linear)
        in_transformer = ".transformer_blocks." in name or name.endswith(("proj_in", "proj_out"))
        if in_transformer and (is_matrix or isinstance(module, torch.nn.Conv2d)):
            yield "unet", name, module
        elif convolutions and isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)) and "resnets" in name + "samplers":
            if ".resnets." in name or "samplers" in name:
                yield "unet", name, module
    if text:
        for name, module in pipeline.text_encoder.named_modules():
            if isinstance(module, torch.nn.Linear) and ".encoder.layers." in name:
                yield "text_encoder", name, module


def down_shape(weight: torch.Tensor, rank: int) -> list[int]:
    return [rank, *weight.shape[1:]]


def up_shape(weight: torch.Tensor, rank: int) -> list[int]:
    return [weight.shape[0], rank, *[1 for _ in weight.shape[2:]]]


def fan_in(weight: torch.Tensor) -> int:
    return weight[0].numel()


def kohya_name(part: str, name: str) -> str:
    return ("lora_unet_" if part == "unet" else "lora_te_") + name.replace(".", "_")


def kohya(name: str, pipeline, *, rank: int, alpha: float, convolutions: bool = False, dora: bool = False, text: bool = True) -> LoraFile:
    file = LoraFile(name)
    for part, path, module in layers(pipeline, convolutions=convolutions, text=text):
        key, weight = kohya_name(part, path), module.weight
        # A convolution of a trainer's own has the rank of its own.
        own = rank // 2 if weight.dim() == 4 and weight.shape[2] == 3 else rank
        file.add(f"{key}.alpha", [], 0, alpha)
        file.add(f"{key}.lora_down.weight", down_shape(weight, own), (3 / fan_in(weight)) ** 0.5)
        file.add(f"{key}.lora_up.weight", up_shape(weight, own), 0.3)
        if dora:
            file.add(f"{key}.dora_scale", [weight.shape[0], *[1 for _ in weight.shape[1:]]], 0.2, 0.9)
    return file


def peft(name: str, pipeline, *, rank: int) -> LoraFile:
    file = LoraFile(name)
    for part, path, module in layers(pipeline, convolutions=False):
        weight = module.weight
        file.add(f"{part}.{path}.lora_A.weight", down_shape(weight, rank), (3 / fan_in(weight)) ** 0.5)
        file.add(f"{part}.{path}.lora_B.weight", up_shape(weight, rank), 0.2)
    return file


def old_diffusers(name: str, pipeline, *, rank: int) -> LoraFile:
    """As diffusers before 0.22 saved: attention alone."""
    file = LoraFile(name)
    for part, path, module in layers(pipeline, convolutions=False):
        weight = module.weight
        if part == "unet":
            if ".attn" not in path:
                continue
            block, layer = path.split(".to_")
            stem = f"unet.{block}.processor.to_{layer.removesuffix('.0')}_lora"
        else:
            if "self_attn" not in path:
                continue
            stem = f"text_encoder.{path}.lora_linear_layer"
        file.add(f"{stem}.down.weight", down_shape(weight, rank), (3 / fan_in(weight)) ** 0.5)
        file.add(f"{stem}.up.weight", up_shape(weight, rank), 0.25)
    return file


def run(pipeline, name: str, *, picture: bool, seed: int):
    """What the networks make of one input, and a picture."""
    ids = pipeline.tokenizer(PROMPT, padding="max_length", max_length=77, return_tensors="pt").input_ids
    states = pipeline.text_encoder(ids)[0]
    width = pipeline.unet.config.cross_attention_dim
    sample = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    context = torch.randn(1, 77, width, generator=torch.Generator().manual_seed(2))
    noise = pipeline.unet(sample, 500, encoder_hidden_states=context).sample
    tensors = {"states": states, "sample": sample, "context": context, "noise": noise}
    save_file({key: value.contiguous() for key, value in tensors.items()}, HERE / f"{name}.golden.safetensors")
    if picture:
        generator = torch.Generator("cpu").manual_seed(seed)
        pipeline(PROMPT, **OPTIONS, generator=generator).images[0].save(HERE / f"{name}.png")
    return noise, states


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    pipeline = single_file("base", 4, None)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = scheduler("epsilon")
    files = [
        kohya("kohya", pipeline, rank=4, alpha=2),
        kohya("kohya-conv", pipeline, rank=4, alpha=1, convolutions=True),
        peft("peft", pipeline, rank=3),
        old_diffusers("old-diffusers", pipeline, rank=4),
    ]
    cases = [
        {"name": "kohya", "checkpoint": "base", "seed": 51, "loras": [["kohya", 1, 1]]},
        {"name": "weights", "checkpoint": "base", "seed": 52, "loras": [["kohya", 0.8, 0.4]]},
        {"name": "kohya-conv", "checkpoint": "base", "seed": 53, "loras": [["kohya-conv", 0.7, 0.7]]},
        {"name": "peft", "checkpoint": "base", "seed": 54, "loras": [["peft", 1, 1]]},
        {"name": "old-diffusers", "checkpoint": "base", "seed": 55, "loras": [["old-diffusers", 1, 1]]},
        {"name": "several", "checkpoint": "base", "seed": 56, "loras": [["kohya", 0.6, 0.6], ["peft", -0.5, -0.5], ["kohya-conv", 0.4, 0.4]]},
    ]  # fmt: skip
    plain, _ = run(pipeline, "plain", picture=False, seed=0)
    (HERE / "plain.golden.safetensors").unlink()
    by_name = {file.name: file for file in files}
    for file in files:
        file.save()
    for case in cases:
        for name, _, _ in case["loras"]:
            pipeline.load_lora_weights(by_name[name].tensors(), adapter_name=name.replace("-", "_"))
        strengths = [{"unet": unet, "text_encoder": text} for _, unet, text in case["loras"]]
        pipeline.set_adapters([name.replace("-", "_") for name, _, _ in case["loras"]], strengths)
        noise, _ = run(pipeline, case["name"], picture=True, seed=case["seed"])
        print(case["name"], "changes the noise by", float((noise - plain).abs().max()), "of", float(plain.abs().max()))
        pipeline.unload_lora_weights()
    (HERE / "cases.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
