"""Makes the files beside this script: what torch.save writes, in both its formats, and the same tensors as safetensors.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

`checkpoint` has the shape of a training checkpoint of PyTorch Lightning with what such files hold besides tensors.
Versions are in requirements.txt; all numbers come from one seed.
"""

import sys
import types
from collections import OrderedDict
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
UPSCALERS = HERE.parent / "upscalers"


def lightning_callback() -> type:
    """The class by whose name Lightning keeps the state of its callback; only the name gets into the file."""
    name = "pytorch_lightning.callbacks.model_checkpoint"
    for part in ("pytorch_lightning", "pytorch_lightning.callbacks", name):
        sys.modules[part] = types.ModuleType(part)
    callback = type("ModelCheckpoint", (), {"__module__": name})
    sys.modules[name].ModelCheckpoint = callback
    return callback


def tensors() -> OrderedDict:
    generator = torch.Generator().manual_seed(5)
    shared = torch.randn(3, 4, generator=generator)
    state = OrderedDict()
    state["float.weight"] = torch.randn(2, 3, generator=generator)
    state["half.weight"] = torch.randn(3, 2, generator=generator).half()
    state["bfloat.weight"] = torch.randn(5, generator=generator).bfloat16()
    state["double"] = torch.randn(2, generator=generator).double()
    state["long"] = torch.arange(-2, 3)
    state["bytes"] = torch.arange(4, dtype=torch.uint8)
    state["flag"] = torch.tensor([True, False])
    state["scalar"] = torch.tensor(0.5)
    state["none"] = torch.zeros(0, 3)
    state["shared.whole"] = shared
    state["shared.row"] = shared[1:3]
    state["shared.column of one"] = shared[:1, :].unsqueeze(1)
    state["parameter"] = torch.nn.Parameter(torch.randn(2, 2, generator=generator))
    state["__proto__"] = torch.ones(1)
    # What a module's state dictionary carries as an attribute.
    state._metadata = OrderedDict({"": {"version": 1}})
    return state


def write(name: str, value: object) -> None:
    torch.save(value, HERE / name)


def main() -> None:
    state = tensors()
    save_file({key: value.clone() for key, value in state.items()}, HERE / "checkpoint.safetensors")
    checkpoint = {
        "epoch": 3,
        "global_step": 12345,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": state,
        "callbacks": {
            lightning_callback(): {
                "best_model_score": torch.tensor(0.25),
                "monitor": "val/loss",
                "best_k_models": {"last.ckpt": numpy.float64(0.25)},
                "losses": numpy.zeros(2),
            }
        },
        "optimizer_states": [{"state": {0: {"step": 1, "exp_avg": torch.zeros(2, 3).T}}, "param_groups": [{"betas": (0.9, 0.999)}]}],
        "lr_schedulers": [],
        "seen": {1, 2},
        "large": 2**80,
        "size": torch.Size([1, 2]),
    }
    write("checkpoint.ckpt", checkpoint)
    torch.save(state, HERE / "checkpoint-legacy.pth", _use_new_zipfile_serialization=False)

    float8 = torch.tensor([[1.0, -2.0], [0.5, 4.0]]).to(torch.float8_e4m3fn)
    write("float8.pt", {"weight": float8})
    write("channels-last.pt", {"weight": torch.zeros(2, 3, 4, 5).to(memory_format=torch.channels_last)})

    vectors = torch.randn(2, 768, generator=torch.Generator().manual_seed(6))
    save_file({"vectors": vectors}, HERE / "embedding.safetensors")
    a1111 = {
        "string_to_token": {"*": 265},
        "string_to_param": {"*": vectors},
        "name": "some-style",
        "step": 99,
        "sd_checkpoint": None,
    }
    write("embedding-a1111.pt", a1111)
    original = {"string_to_token": {"*": torch.tensor(265)}, "string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(vectors)})}
    write("embedding-original.pt", original)
    write("embedding-diffusers.bin", {"<some-style>": vectors[0].half()})

    upscaler = OrderedDict(load_file(UPSCALERS / "srvgg-x2-fp16.safetensors"))
    write("srvgg-x2-fp16.pth", {"params_ema": upscaler})
    torch.save({"params_ema": upscaler}, HERE / "srvgg-x2-fp16-legacy.pth", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
