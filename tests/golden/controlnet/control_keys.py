"""The names of ControlNet's own files (cldm) for the tensors of diffusers' ControlNetModel."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "models/train"))

from published_keys import unet_key  # noqa: E402


def cldm_key(key: str, net) -> str:
    """The name after "control_model."."""
    name, _, kind = key.rpartition(".")
    if match := re.match(r"controlnet_down_blocks\.(\d+)$", name):
        return f"zero_convs.{match[1]}.0.{kind}"
    if match := re.match(r"controlnet_cond_embedding\.blocks\.(\d+)$", name):
        return f"input_hint_block.{2 * int(match[1]) + 2}.{kind}"
    named = {
        "controlnet_mid_block": "middle_block_out.0",
        "controlnet_cond_embedding.conv_in": "input_hint_block.0",
        "controlnet_cond_embedding.conv_out": "input_hint_block.14",
        "add_embedding.linear_1": "label_emb.0.0",
        "add_embedding.linear_2": "label_emb.0.2",
    }
    return f"{named[name]}.{kind}" if name in named else unet_key(key, net)
