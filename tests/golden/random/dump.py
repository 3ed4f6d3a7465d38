"""Makes torch-cpu.safetensors beside this script: what torch's CPU generator draws.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

`seedS.callI` holds the I-th of several draws in a row from one generator; their lengths are in the metadata. Of the
long draws only a share is kept, every `stride`-th number.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent

# Odd lengths leave a number over for the next small draw; 16 and more are drawn another way, in blocks of 16.
RUNS = {
    "0": [*range(1, 101)],
    "42": [16384],
    "1234567890": [3, 16, 5, 4, 31, 1, 1, 4 * 64 * 64, 7, 15, 17],
    "-1": [5, 64],
    "4294967301": [5, 64],
    "9223372036854775807": [5, 64],
    "18446744073709551615": [5, 64],
}
LONG = 1000
# Prime, so that it walks through all places of the blocks.
STRIDE = 17


def main():
    tensors = {}
    for seed, lengths in RUNS.items():
        generator = torch.Generator().manual_seed(int(seed))
        for call, length in enumerate(lengths):
            values = torch.randn(length, generator=generator)
            tensors[f"seed{seed}.call{call}"] = values[::STRIDE].clone() if length > LONG else values
    metadata = {"runs": json.dumps(RUNS), "longerThan": str(LONG), "stride": str(STRIDE)}
    save_file(tensors, HERE / "torch-cpu.safetensors", metadata)


if __name__ == "__main__":
    main()
