"""The training's own kernels (kernels.cpp), compiled on first use with the system's g++."""
from __future__ import annotations

import ctypes
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import torch

SOURCE = Path(__file__).with_name("kernels.cpp")
FLAGS = ["-O3", "-std=c++17", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-shared", "-fPIC"]


@cache
def library() -> ctypes.CDLL:
    """The compiled kernels; needs g++."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "kernels.so"
        subprocess.run(["g++", *FLAGS, str(SOURCE), "-o", str(out), "-lmvec", "-lm"], check=True)
        return ctypes.CDLL(str(out))


def call(name: str, kind: torch.dtype, *args: torch.Tensor | int | float) -> None:
    """Calls a kernel: tensors as pointers, numbers as C ints and floats."""
    suffix = {torch.float32: "f32", torch.bfloat16: "bf16"}[kind]
    getattr(library(), f"{name}_{suffix}")(*(
        ctypes.c_void_p(a.data_ptr()) if isinstance(a, torch.Tensor) else ctypes.c_float(a) if isinstance(a, float) else ctypes.c_int(a) for a in args))
