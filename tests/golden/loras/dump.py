"""Makes the golden files beside this script: what diffusers computes with adaptations (LoRA and its kin) in each published form.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

The checkpoints are the `base` and the `inpainting` of ../pipelines, the `sd2` of ../stable-diffusion-2, and the `base` and the
`refiner` of ../sdxl; the ControlNet is `cldm` of ../controlnet. Adaptations are not stored: their
numbers are hashes of their keys, which NAME.keys.json lists. diffusers loads what it can load (`load_lora_weights`); what
LyCORIS's forms add to each weight is computed here, by their published formulas. `cases.json` has what is used how strongly, NAME.golden.safetensors what the networks make of it, NAME.png a whole picture.
"""

from __future__ import annotations

import importlib.util
import json
import re
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
    for part in ("text_encoder", "text_encoder_2") if text else ():
        for name, module in getattr(pipeline, part, torch.nn.Module()).named_modules():
            if isinstance(module, torch.nn.Linear) and ".encoder.layers." in name:
                yield part, name, module


def down_shape(weight: torch.Tensor, rank: int) -> list[int]:
    return [rank, *weight.shape[1:]]


def up_shape(weight: torch.Tensor, rank: int) -> list[int]:
    return [weight.shape[0], rank, *[1 for _ in weight.shape[2:]]]


def fan_in(weight: torch.Tensor) -> int:
    return weight[0].numel()


def kohya_name(part: str, name: str, pipeline) -> str:
    """As sd-scripts has it: for SDXL the UNet's layers under the names of the original code."""
    is_xl = hasattr(pipeline, "text_encoder_2")
    if part != "unet":
        start = "lora_te_" if not is_xl else "lora_te1_" if part == "text_encoder" else "lora_te2_"
        return start + name.replace(".", "_")
    if is_xl:
        per_block = pipeline.unet.config.layers_per_block + 1
        name = re.sub(r"^down_blocks\.(\d)\.attentions\.(\d)", lambda m: f"input_blocks.{1 + int(m[1]) * per_block + int(m[2])}.1", name)
        name = re.sub(r"^up_blocks\.(\d)\.attentions\.(\d)", lambda m: f"output_blocks.{int(m[1]) * per_block + int(m[2])}.1", name)
        name = name.replace("mid_block.attentions.0", "middle_block.1")
    return "lora_unet_" + name.replace(".", "_")


def kohya(name: str, pipeline, *, rank: int, alpha: float, convolutions: bool = False, dora: bool = False, text: bool = True) -> LoraFile:
    file = LoraFile(name)
    for part, path, module in layers(pipeline, convolutions=convolutions, text=text):
        key, weight = kohya_name(part, path, pipeline), module.weight
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


def lycoris(name: str, pipeline, kind: str) -> LoraFile:
    """As the lycoris_lora package saves what it has adapted a UNet with: all of its transformers, and its convolutions."""
    file = LoraFile(name)
    for _, path, module in layers(pipeline, convolutions=True, text=False):
        key, weight = "lycoris_" + path.replace(".", "_"), module.weight
        out, inputs, *sides = weight.shape
        is_kernel = len(sides) == 2 and sides[0] == 3
        spread = (3 / fan_in(weight)) ** 0.5
        if kind == "loha":
            file.add(f"{key}.alpha", [], 0, 2)
            for index in (1, 2):
                if is_kernel:
                    file.add(f"{key}.hada_t{index}", [2, 2, 3, 3], 0.5)
                    file.add(f"{key}.hada_w{index}_a", [2, out], 0.7)
                    file.add(f"{key}.hada_w{index}_b", [2, inputs], 0.7)
                else:
                    file.add(f"{key}.hada_w{index}_a", [out, 2], 0.5)
                    file.add(f"{key}.hada_w{index}_b", [2, inputs], 0.5)
        elif kind == "lokr":
            file.add(f"{key}.alpha", [], 0, 1)
            file.add(f"{key}.lokr_w1", [4, 4], 0.5)
            if is_kernel or "attn1" in path:
                file.add(f"{key}.lokr_w2", [out // 4, inputs // 4, *sides], spread)
            else:
                file.add(f"{key}.lokr_w2_a", [out // 4, 2], 0.5)
                file.add(f"{key}.lokr_w2_b", [2, inputs // 4], 2 * spread)
        else:
            file.add(f"{key}.alpha", [], 0, 2)
            file.add(f"{key}.lora_down.weight", down_shape(weight, 2), spread)
            file.add(f"{key}.lora_up.weight", up_shape(weight, 2), 0.3)
            file.add(f"{key}.dora_scale", [out, *[1 for _ in weight.shape[1:]]], 0.2, 0.9)
    return file


def change(own: dict[str, torch.Tensor], weight: torch.Tensor) -> torch.Tensor:
    """What LyCORIS's forms add to a weight, as its documents have them (docs/Algo-Details.md, docs/Network-Args.md)."""
    alpha = own["alpha"]
    if "hada_w1_a" in own:
        factors = []
        for index in (1, 2):
            a, b, core = own[f"hada_w{index}_a"], own[f"hada_w{index}_b"], own.get(f"hada_t{index}")
            factors.append(a @ b if core is None else torch.einsum("ijkl,ip,jr->prkl", core, a, b))
        return (factors[0] * factors[1] * alpha / own["hada_w1_b"].shape[0]).reshape(weight.shape)
    if "lokr_w1" in own:
        if "lokr_w2" in own:
            left = own["lokr_w1"].reshape(*own["lokr_w1"].shape, *[1 for _ in own["lokr_w2"].shape[2:]])
            return torch.kron(left, own["lokr_w2"])
        small = own["lokr_w2_a"] @ own["lokr_w2_b"]
        return (torch.kron(own["lokr_w1"], small) * alpha / own["lokr_w2_b"].shape[0]).reshape(weight.shape)
    rank = own["lora_down.weight"].shape[0]
    product = (own["lora_up.weight"].flatten(1) @ own["lora_down.weight"].flatten(1)).reshape(weight.shape)
    changed = weight + product * alpha / rank
    # DoRA (arXiv 2402.09353), each output's weights as long as learnt.
    length = changed.flatten(1).norm(dim=1).reshape(own["dora_scale"].shape)
    return changed * own["dora_scale"] / length - weight


def run(pipeline, name: str, *, picture: bool, seed: int):
    """What the networks make of one input, and a picture."""
    ids = pipeline.tokenizer(PROMPT, padding="max_length", max_length=77, return_tensors="pt").input_ids
    states = pipeline.text_encoder(ids)[0]
    width = pipeline.unet.config.cross_attention_dim
    sample = torch.randn(1, pipeline.unet.config.in_channels, 8, 8, generator=torch.Generator().manual_seed(1))
    context = torch.randn(1, 77, width, generator=torch.Generator().manual_seed(2))
    noise = pipeline.unet(sample, 500, encoder_hidden_states=context).sample
    tensors = {"states": states, "sample": sample, "context": context, "noise": noise}
    save_file({key: value.contiguous() for key, value in tensors.items()}, HERE / f"{name}.golden.safetensors")
    if picture:
        generator = torch.Generator("cpu").manual_seed(seed)
        pipeline(PROMPT, **OPTIONS, generator=generator).images[0].save(HERE / f"{name}.png")
    return noise, states


def script(folder: str, name: str = "dump"):
    """The script of another folder of goldens."""
    sys.path.insert(0, str(HERE.parent / folder))
    spec = importlib.util.spec_from_file_location(f"{folder}_{name}".replace("-", "_"), HERE.parent / folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_controlnet(pipeline, file: LoraFile) -> dict:
    """A ControlNet steers the changed checkpoint; its own weights are as they are."""
    control = script("controlnet", "pipelines")
    with tempfile.TemporaryDirectory() as folder:
        control.HERE = Path(folder)
        net = control.controlnet("cldm", lambda key, net: "control_model." + control.cldm_key(key, net))
    parts = {**pipeline.components, "requires_safety_checker": False, "controlnet": net}
    steered = control.StableDiffusionControlNetPipeline(**parts)
    steered.set_progress_bar_config(disable=True)
    steered.load_lora_weights(file.tensors(), adapter_name="one")
    steered.set_adapters(["one"], [0.9])
    generator = torch.Generator("cpu").manual_seed(62)
    options = {key: value for key, value in OPTIONS.items() if key not in ("width", "height")}
    steered(PROMPT, image=control.sketch((64, 64), 0), **options, generator=generator).images[0].save(HERE / "controlled.png")
    steered.unload_lora_weights()
    return {"name": "controlled", "checkpoint": "base", "seed": 62, "control": True, "loras": [[file.name, 0.9, 0.9]]}


def first_convolution(pipeline) -> dict:
    """A change of the first convolution of four channels, in a checkpoint of nine: as A1111 has it, those behind stay."""
    file = LoraFile("first-conv")
    weight = pipeline.unet.conv_in.weight
    file.add("lora_unet_conv_in.alpha", [], 0, 2)
    file.add("lora_unet_conv_in.lora_down.weight", [4, 4, 3, 3], (3 / 36) ** 0.5)
    file.add("lora_unet_conv_in.lora_up.weight", [weight.shape[0], 4, 1, 1], 0.3)
    file.save()
    own = file.tensors()
    change = own["lora_unet_conv_in.lora_up.weight"].flatten(1) @ own["lora_unet_conv_in.lora_down.weight"].flatten(1)
    weight[:, :4] += 0.8 * change.reshape(-1, 4, 3, 3) * 2 / 4
    run(pipeline, file.name, picture=False, seed=0)
    return {"name": file.name, "checkpoint": "inpainting", "loras": [[file.name, 0.8, 0.8]]}


def of_xl() -> list[dict]:
    """Pictures of the tiny SDXL checkpoints of ../sdxl."""
    xl = script("sdxl")
    with tempfile.TemporaryDirectory() as folder:
        xl.HERE = Path(folder)
        pipelines = {name: xl.single_file(name) for name in ("base", "refiner")}
    pipeline = pipelines["base"]
    files = {
        "xl-kohya": kohya("xl-kohya", pipeline, rank=4, alpha=2),
        "xl-peft": peft("xl-peft", pipeline, rank=3),
    }
    cases = [
        {"name": "xl-kohya", "seed": 71, "loras": [["xl-kohya", 1, 0.6]]},
        {"name": "xl-peft", "seed": 72, "loras": [["xl-peft", 1, 1]]},
        {"name": "xl-several", "seed": 73, "loras": [["xl-kohya", 0.7, 0.7], ["xl-peft", -0.4, -0.4]]},
        {"name": "xl-refined", "seed": 74, "refiner_ratio": 0.6, "loras": [["xl-kohya", 1, 1]]},
    ]
    for file in files.values():
        file.save()
    common = {"checkpoint": "base", "prompt": PROMPT, **OPTIONS}
    for case in cases:
        for name, _, _ in case["loras"]:
            pipeline.load_lora_weights(files[name].tensors(), adapter_name=name)
        strengths = [{"unet": unet, "text_encoder": text, "text_encoder_2": text} for _, unet, text in case["loras"]]
        pipeline.set_adapters([name for name, _, _ in case["loras"]], strengths)
        options = {key: value for key, value in {**common, **case}.items() if key != "loras"}
        image = xl.draw({**options, "name": "generate"}, pipelines)
        image.save(HERE / f"{case['name']}.png")
        pipeline.unload_lora_weights()
        case["checkpoint"] = "sdxl"
    return cases


def of_second_version():
    """The tiny Stable Diffusion 2.x of ../stable-diffusion-2, predicting noise."""
    second = script("stable-diffusion-2").single_file()
    second.set_progress_bar_config(disable=True)
    second.scheduler = scheduler("epsilon")
    return second


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
    for kind in ("loha", "lokr", "dora"):
        file = lycoris(kind, pipeline, kind)
        file.save()
        tensors = file.tensors()
        whole = {key: value.clone() for key, value in pipeline.unet.state_dict().items()}
        for _, path, module in layers(pipeline, convolutions=True, text=False):
            key = "lycoris_" + path.replace(".", "_")
            own = {name.removeprefix(key + "."): value for name, value in tensors.items() if name.startswith(key + ".")}
            module.weight += change(own, module.weight)
        noise, _ = run(pipeline, kind, picture=False, seed=0)
        print(kind, "changes the noise by", float((noise - plain).abs().max()))
        pipeline.unet.load_state_dict(whole)
        cases.append({"name": kind, "checkpoint": "base", "loras": [[kind, 1, 1]]})

    second = of_second_version()
    file = kohya("sd2-kohya", second, rank=4, alpha=2)
    file.save()
    second.load_lora_weights(file.tensors(), adapter_name="one")
    second.set_adapters(["one"], [0.8])
    run(second, "sd2-kohya", picture=True, seed=61)
    cases.append({"name": "sd2-kohya", "checkpoint": "sd2", "seed": 61, "loras": [["sd2-kohya", 0.8, 0.8]]})
    cases.append(with_controlnet(pipeline, by_name["peft"]))
    cases.append(first_convolution(single_file("inpainting", 9, None)))
    cases.extend(of_xl())
    (HERE / "cases.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
