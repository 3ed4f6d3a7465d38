"""Makes the golden files beside this script: what diffusers makes of prompts with textual-inversion embeddings in them.

    python -m venv .venv && .venv/bin/pip install -r ../pipelines/requirements.txt && .venv/bin/python dump.py

The checkpoint is the `base` of ../pipelines, the embeddings' vectors are hashes of their names. `written` is a prompt as
Inlay reads it, `prompt` the same for diffusers. Where diffusers has no such thing (weights, more than 75 tokens) its
text encoder is run window by window, and weighted as A1111 does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pipelines"))
from checkpoint import hashed  # noqa: E402
from dump import scheduler, single_file  # noqa: E402

WIDTH = 64
EMBEDDINGS = {"my-style": 3, "bad-hands": 1}
OPTIONS = {"num_inference_steps": 6, "guidance_scale": 7.5, "width": 64, "height": 64}
PHRASE = "a big red house, "
CASES = [
    {"name": "named", "seed": 21, "written": "a red house in my-style, at night", "negative": "blurred, bad-hands"},
    {"name": "weighted", "seed": 22, "written": "(my-style:1.4), " + 20 * PHRASE, "negative": ""},
]  # fmt: skip
# A full window ends after its last comma.
WINDOWS = {
    "named": {"written": [[("a red house in <my-style> , at night", 1.0)]], "negative": [[("blurred, <bad-hands>", 1.0)]]},
    "weighted": {
        "written": [[("<my-style>", 1.4), (", " + 14 * PHRASE, 1.0)], [(6 * PHRASE, 1.0)]],
        "negative": [[("", 1.0)], [("", 1.0)]],
    },
}


def window(pipeline, parts: list[tuple[str, float]]) -> torch.Tensor:
    tokenizer = pipeline.tokenizer
    ids, weights = [tokenizer.bos_token_id], [1.0]
    for text, weight in parts:
        own = tokenizer(pipeline.maybe_convert_prompt(text, tokenizer), add_special_tokens=False).input_ids
        ids += own
        weights += len(own) * [weight]
    ids += (77 - len(ids)) * [tokenizer.eos_token_id]
    weights += (77 - len(weights)) * [1.0]
    assert len(ids) == 77, len(ids)
    hidden = pipeline.text_encoder(torch.tensor([ids]))[0]
    weighted = hidden * torch.tensor(weights).reshape(1, 77, 1)
    return weighted * (hidden.mean() / weighted.mean())


def encode(pipeline, windows) -> torch.Tensor:
    return torch.cat([window(pipeline, parts) for parts in windows], dim=1)


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    pipeline = single_file("base", 4, None)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = scheduler("epsilon")
    for name, vectors in EMBEDDINGS.items():
        pipeline.load_textual_inversion({f"<{name}>": hashed(name, [vectors, WIDTH], 1.0, 0.0)})
    golden = {}
    for case in CASES:
        windows = WINDOWS[case["name"]]
        positive, negative = encode(pipeline, windows["written"]), encode(pipeline, windows["negative"])
        if case["name"] == "named":
            own = pipeline.encode_prompt(windows["written"][0][0][0], "cpu", 1, True, windows["negative"][0][0][0])
            torch.testing.assert_close(own[0], positive)
            torch.testing.assert_close(own[1], negative)
        golden[f"{case['name']}.written"], golden[f"{case['name']}.negative"] = positive, negative
        generator = torch.Generator("cpu").manual_seed(case["seed"])
        embeds = {"prompt_embeds": positive, "negative_prompt_embeds": negative}
        pipeline(**embeds, **OPTIONS, generator=generator).images[0].save(HERE / f"{case['name']}.png")
    save_file(golden, HERE / "states.safetensors")
    (HERE / "cases.json").write_text(json.dumps({"embeddings": EMBEDDINGS, "cases": CASES}, indent=2) + "\n")


if __name__ == "__main__":
    main()
