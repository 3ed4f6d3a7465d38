"""Makes the golden files beside this script: what diffusers' networks compute with hypernetworks of AUTOMATIC1111's kind.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

diffusers has none, so the small networks are written here after the published semantics (the web UI's
modules/hypernetworks/hypernetwork.py) and put between the contexts and `to_k` and `to_v` by attention processors. NAME.pt
are files of torch.save in that format, of every age of it; the checkpoint is the `base` of ../pipelines. `cases.json` has what
is used how strongly, NAME.golden.safetensors what the UNet makes of it, NAME.png a whole picture, and
activations.golden.safetensors torch's functions.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pipelines"))
from checkpoint import hashed  # noqa: E402
from dump import scheduler, single_file  # noqa: E402

PROMPT = "a red house in a green meadow"
OPTIONS = {"num_inference_steps": 6, "guidance_scale": 7.5, "width": 64, "height": 64}
# Names that are not those of torch's modules in lower case.
OTHER_NAMES = {"swish": "hardswish"}
UNARY = {
    name.lower(): getattr(torch.nn, name)
    for name in (
        "CELU ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid Mish PReLU ReLU ReLU6 RReLU SELU "
        "Sigmoid SiLU Softplus Softshrink Softsign Tanh Tanhshrink"
    ).split()
}


def activation(name: str) -> torch.nn.Module:
    return UNARY[OTHER_NAMES.get(name, name)]()


def layers(width: int, *, structure, function, activate_output, norm, dropout) -> torch.nn.Sequential:
    """A linear layer for each step of the structure, behind each its activation, its norm and its dropout where there are."""
    parts = []
    for index, (before, behind) in enumerate(zip(structure, structure[1:])):
        parts.append(torch.nn.Linear(int(width * before), int(width * behind)))
        is_last = index == len(structure) - 2
        if function not in (None, "linear") and (activate_output or not is_last):
            parts.append(activation(function))
        if norm:
            parts.append(torch.nn.LayerNorm(int(width * behind)))
        if dropout is not None and dropout[index + 1] > 0:
            parts.append(torch.nn.Dropout(dropout[index + 1]))
    return torch.nn.Sequential(*parts).eval()


class Hypernetwork:
    def __init__(self, name: str, widths, *, structure=(1, 2, 1), function=None, activate_output=True, norm=False, dropout=None, spread=1.0):
        self.name = name
        options = {"structure": structure, "function": function, "activate_output": activate_output, "norm": norm, "dropout": dropout}
        self.modules = {width: [layers(width, **options), layers(width, **options)] for width in widths}
        for width, pair in self.modules.items():
            for part, module in enumerate(pair):
                for key, value in module.named_parameters():
                    is_norm, is_slope = value.dim() == 1 and key.endswith("weight"), value.shape == (1,)
                    scale = spread * (3 / value[0].numel()) ** 0.5 if value.dim() == 2 else 0.1
                    offset = 0.25 if is_slope else 1.0 if is_norm else 0.0
                    value.data = hashed(f"{name}/{width}.{part}.{key}", list(value.shape), scale, offset)

    def half(self) -> "Hypernetwork":
        """Numbers that are the same in half precision, as they are then stored."""
        for pair in self.modules.values():
            for module in pair:
                for value in module.parameters():
                    value.data = value.data.half().float()
        return self

    def states(self, *, dtype=torch.float32, rename=lambda key: f"linear.{key}") -> dict:
        return {
            width: tuple(OrderedDict((rename(key), value.to(dtype)) for key, value in module.state_dict().items()) for module in pair)
            for width, pair in self.modules.items()
        }

    def __call__(self, key, value, strength: float):
        pair = self.modules.get(key.shape[2])
        if pair is None:
            return key, value
        return key + pair[0](key) * strength, value + pair[1](value) * strength


class HypernetworkProcessor:
    """Attention whose keys and values are made of what the hypernetworks, one after the other, make of its context."""

    def __init__(self, uses):
        self.uses = uses

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        for_key = for_value = context
        for hypernetwork, strength in self.uses:
            for_key, for_value = hypernetwork(for_key, for_value, strength)
        query = attn.head_to_batch_dim(attn.to_q(hidden_states))
        key = attn.head_to_batch_dim(attn.to_k(for_key))
        value = attn.head_to_batch_dim(attn.to_v(for_value))
        mixed = torch.bmm(attn.get_attention_scores(query, key, attention_mask), value)
        return attn.to_out[1](attn.to_out[0](attn.batch_to_head_dim(mixed)))


def save_all() -> dict[str, Hypernetwork]:
    # As the first ones were published: nothing but two layers, in the format before torch 1.6.
    first = Hypernetwork("first", (32, 64), spread=0.7)
    torch.save(first.states(rename=lambda key: f"linear{int(key[0]) + 1}{key[1:]}"), HERE / "first.pt", _use_new_zipfile_serialization=False)
    # All that the format can do, in half precision.
    deep = Hypernetwork("deep", (32, 64), structure=(1, 1.5, 2, 0.5, 1), function="mish", activate_output=False, norm=True,
                        dropout=(0, 0.3, 0, 0.1, 0)).half()  # fmt: skip
    torch.save({**deep.states(dtype=torch.float16), "step": 4000, "name": "deep", "layer_structure": [1, 1.5, 2, 0.5, 1],
                "activation_func": "mish", "is_layer_norm": True, "weight_initialization": "Normal", "sd_checkpoint": "0123456789",
                "sd_checkpoint_name": "base", "activate_output": False, "use_dropout": True, "dropout_structure": [0, 0.3, 0, 0.1, 0],
                "last_layer_dropout": True, "optional_info": None}, HERE / "deep.pt")  # fmt: skip
    # Without a word of the output, which was activated then; one width that the checkpoint does not have.
    swish = Hypernetwork("swish", (16, 32), function="swish")
    torch.save({**swish.states(), "step": 100, "name": "swish", "layer_structure": [1, 2, 1], "activation_func": "swish",
                "is_layer_norm": False, "sd_checkpoint": None, "sd_checkpoint_name": None}, HERE / "swish.pt")  # fmt: skip
    return {each.name: each for each in (first, deep, swish)}


def save_activations() -> None:
    given = torch.linspace(-4, 4, 33)
    tensors = {"given": given}
    for name in [*UNARY, *OTHER_NAMES]:
        tensors[name] = activation(name).eval()(given).contiguous()
    save_file(tensors, HERE / "activations.golden.safetensors")


def lora_file(pipeline):
    """The `kohya` of ../loras."""
    spec = importlib.util.spec_from_file_location("lora_dump", HERE.parent / "loras/dump.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.kohya("kohya", pipeline, rank=4, alpha=2)


def run(pipeline, case) -> torch.Tensor:
    name = case["name"]
    sample = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    context = torch.randn(1, 77, 64, generator=torch.Generator().manual_seed(2))
    tensors = {"sample": sample, "context": context}
    tensors["noise"] = pipeline.unet(sample, 500, encoder_hidden_states=context).sample
    if case.get("residuals"):
        # As ControlNets add them, equal over the picture.
        generator = torch.Generator().manual_seed(3)
        residuals = [torch.randn(1, channels, 1, 1, generator=generator) * 0.5 for channels in case["residuals"]]
        for index, residual in enumerate(residuals):
            tensors[f"residual_{index}"] = residual
        tensors["noise"] = pipeline.unet(
            sample, 500, encoder_hidden_states=context, down_block_additional_residuals=residuals[:-1], mid_block_additional_residual=residuals[-1],
        ).sample  # fmt: skip
    save_file({key: value.contiguous() for key, value in tensors.items()}, HERE / f"{name}.golden.safetensors")
    if "seed" in case:
        generator = torch.Generator("cpu").manual_seed(case["seed"])
        pipeline(PROMPT, **OPTIONS, generator=generator).images[0].save(HERE / f"{name}.png")
    return tensors["noise"]


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    pipeline = single_file("base", 4, None)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = scheduler("epsilon")
    by_name = save_all()
    save_activations()
    cases = [
        {"name": "first", "seed": 71, "hypernetworks": [["first", 1]]},
        {"name": "deep", "seed": 72, "hypernetworks": [["deep", 0.8]]},
        {"name": "swish", "hypernetworks": [["swish", -0.6]]},
        {"name": "several", "seed": 73, "hypernetworks": [["first", 0.5], ["deep", -0.7], ["swish", 1]], "loras": [["kohya", 0.8]]},
        # What goes down leaves, then the middle.
        {"name": "residuals", "hypernetworks": [["deep", 1]], "residuals": [32, 32, 32, 64, 64]},
    ]
    plain = pipeline.unet(
        torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)), 500,
        encoder_hidden_states=torch.randn(1, 77, 64, generator=torch.Generator().manual_seed(2)),
    ).sample  # fmt: skip
    for case in cases:
        uses = [(by_name[name], strength) for name, strength in case["hypernetworks"]]
        pipeline.unet.set_attn_processor(HypernetworkProcessor(uses))
        for name, strength in case.get("loras", []):
            pipeline.load_lora_weights(lora_file(pipeline).tensors(), adapter_name=name)
            pipeline.set_adapters([name], [strength])
        noise = run(pipeline, case)
        print(case["name"], "changes the noise by", float((noise - plain).abs().max()), "of", float(plain.abs().max()))
        if "loras" in case:
            pipeline.unload_lora_weights()
    (HERE / "cases.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
