"""Golden numbers for ControlNets, from diffusers.

    pip install -r requirements.txt && python networks.py

For each case NAME.tensors.txt and NAME.golden.safetensors, as ../networks/dump.py has them. `sample` is one picture, shown
with several texts; `residual_0` and so on are what is added to the UNet's results, the middle's last.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import torch
from diffusers import ControlNetModel, ControlNetUnionModel

from control_keys import cldm_key

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "networks"))

spec = importlib.util.spec_from_file_location("networks_dump", HERE.parent / "networks/dump.py")
networks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(networks)
networks.HERE = HERE


def new_controlnet(widths, *, context=64, layers=1, linear=False, heads=None, depth=1, attention=None, label=None, hint=(4, 8, 12, 16),
                   middle="UNetMidBlock2DCrossAttn"):
    attention = attention or [True] * (len(widths) - 1) + [False]
    return ControlNetModel(
        in_channels=4,
        layers_per_block=layers,
        block_out_channels=widths,
        cross_attention_dim=context,
        transformer_layers_per_block=depth,
        attention_head_dim=heads or ([width // 64 for width in widths] if linear else 8),
        use_linear_projection=linear,
        down_block_types=["CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attention],
        conditioning_embedding_out_channels=hint,
        mid_block_type=middle,
        **({} if label is None else {"addition_embed_type": "text_time", "addition_time_embed_dim": 16,
                                     "projection_class_embeddings_input_dim": label}),
    )  # fmt: skip


def new_union(widths, *, tasks):
    return ControlNetUnionModel(
        in_channels=4, layers_per_block=1, block_out_channels=widths, cross_attention_dim=48, attention_head_dim=[1, 1],
        transformer_layers_per_block=[0, 2], use_linear_projection=True, down_block_types=["DownBlock2D", "CrossAttnDownBlock2D"],
        conditioning_embedding_out_channels=(4, 8, 12, 16), addition_embed_type="text_time", addition_time_embed_dim=16,
        projection_class_embeddings_input_dim=160, num_control_type=tasks, num_trans_channel=widths[0],
        num_proj_channel=widths[0],
    )  # fmt: skip


@torch.no_grad()
def run_union(case, net, *, seed, kinds, scales, texts=2, height=6, width=5):
    """Several maps at once, each with a scale of its own; a single one has the scale 1 here."""
    random = networks.random
    types = torch.zeros(net.config.num_control_type, 1)
    types[kinds] = 1
    controls = random(seed + 2, len(kinds), 3, height * 8, width * 8).abs().clamp(0, 1)
    case.golden |= {
        "sample": random(seed, 1, 4, height, width), "timestep": torch.tensor([321.0]), "control": controls,
        "encoder_hidden_states": random(seed + 1, texts, 7, net.config.cross_attention_dim), "control_type": types,
        "tasks": torch.nn.functional.one_hot(torch.tensor(kinds), len(types)).float(),
        "condition_scales": torch.tensor(scales)[:, None],
    }  # fmt: skip
    added = {"text_embeds": random(seed + 3, texts, 64), "time_ids": torch.tensor([[48, 40, 0, 8, 48, 40]] * texts).float()}
    waves = net.add_time_proj(added["time_ids"].flatten()).reshape(texts, -1)
    case.golden["added_conditioning"] = torch.concat([added["text_embeds"], waves], -1)
    # One text at a time: the network takes the types of a whole batch, but tells tasks of one.
    outputs = []
    for text in range(texts):
        down, middle = net(
            case.golden["sample"], 321.0, case.golden["encoder_hidden_states"][text : text + 1], [c[None] for c in controls],
            control_type=types.T, control_type_idx=kinds, conditioning_scale=scales,
            added_cond_kwargs={key: value[text : text + 1] for key, value in added.items()}, return_dict=False,
        )  # fmt: skip
        outputs.append([*down, middle])
    case.golden |= {f"residual_{index}": torch.concat(values) for index, values in enumerate(zip(*outputs))}


@torch.no_grad()
def run(case, net, *, seed, texts=2, height=6, width=5, timestep=981.0, words=7):
    random = networks.random
    sample = random(seed, 1, 4, height, width)
    context = random(seed + 1, texts, words, net.config.cross_attention_dim)
    control = random(seed + 2, 1, 3, height * 8, width * 8).abs().clamp(0, 1)
    case.golden |= {"sample": sample, "timestep": torch.tensor([timestep]), "encoder_hidden_states": context,
                    "control": control}  # fmt: skip
    added = {}
    if net.config.addition_embed_type is not None:
        pooled = net.config.projection_class_embeddings_input_dim - 6 * net.config.addition_time_embed_dim
        added = {"text_embeds": random(seed + 3, texts, pooled),
                 "time_ids": torch.tensor([[48, 40, 0, 8, 48, 40]] * texts).float()}  # fmt: skip
        waves = net.add_time_proj(added["time_ids"].flatten()).reshape(texts, -1)
        case.golden["added_conditioning"] = torch.concat([added["text_embeds"], waves], -1)
    down, middle = net(sample.expand(texts, -1, -1, -1), timestep, context, control.expand(texts, -1, -1, -1),
                       added_cond_kwargs=added or None, return_dict=False)  # fmt: skip
    case.golden |= {f"residual_{index}": value for index, value in enumerate([*down, middle])}


def dump(name, net, *, dtype="F32", rename=lambda key: key, **options):
    case = networks.Case(name, dtype)
    case.fill(net, rename)
    run(case, net, **options)
    case.save()


if __name__ == "__main__":
    torch.set_num_threads(1)
    net = new_controlnet((32, 64))
    dump("sd1-cldm", net, rename=lambda key: "control_model." + cldm_key(key, net), seed=1)
    dump("sd1-diffusers", new_controlnet((32, 32, 64), context=40, layers=2), seed=11, texts=1, height=7, width=5)
    wide = new_controlnet((192, 192), context=32)
    dump("wide", wide, rename=lambda key: cldm_key(key, wide), dtype="F16", seed=21, height=9, width=6)
    dump("sd2-diffusers", new_controlnet((64, 128), context=96, linear=True), dtype="BF16", seed=31, texts=3, height=4, width=4)
    xl = {"widths": (32, 64), "context": 48, "linear": True, "heads": [1, 1], "label": 160, "attention": [False, True], "depth": [0, 2]}
    dump("sdxl-diffusers", new_controlnet(**xl), seed=41)
    net = new_controlnet(**xl)
    dump("sdxl-cldm", net, rename=lambda key: "control_model." + cldm_key(key, net), seed=51, texts=1)
    # As controlnet-depth-sdxl-1.0-small and -mid are: no transformer at all, and one of one block in the last size alone.
    small = {"context": 48, "linear": True, "heads": [1, 1, 1], "label": 160}
    dump("sdxl-small", new_controlnet((32, 32, 64), attention=[False] * 3, middle="UNetMidBlock2D", **small), seed=71)
    dump("sdxl-mid", new_controlnet((32, 32, 64), attention=[False, False, True], **small), seed=81, texts=1)
    for name, tasks, kinds, scales in (
        ("union", 6, [3], [1.0]), ("union-two", 6, [1, 5], [0.8, 0.3]), ("union-promax", 8, [6, 7], [0.6, 0.9])
    ):  # fmt: skip
        case = networks.Case(name)
        case.fill(net := new_union((32, 64), tasks=tasks), lambda key: key)
        run_union(case, net, seed=61, kinds=kinds, scales=scales)
        case.save()
