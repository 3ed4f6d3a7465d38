"""Starts a network from a trained one of other widths.

A level twice as wide computes what it did: every channel is doubled, side by side (Net2Net, arXiv 1511.05641), so that 32
groups of 2 like channels are normalised as 32 single ones were. A level half as wide keeps every other channel, and
has to be trained back to what it could.
"""
from __future__ import annotations

import torch

NOISE = 0.05  # of a weight's deviation, so that doubled channels part


def _along(value: torch.Tensor, dim: int, size: int, of_input: bool) -> torch.Tensor:
    """One dimension brought to a size: doubled or halved; weights of an input are scaled so that sums stay."""
    old = value.shape[dim]
    if old == size:
        return value
    if size == 2 * old:
        return value.repeat_interleave(2, dim) / (2 if of_input else 1)
    if old == 2 * size:
        return value.index_select(dim, torch.arange(0, old, 2)) * (1.5 if of_input else 1)
    raise ValueError(f"{old} channels cannot become {size}")


def _parts(value: torch.Tensor, dim: int, parts: list[tuple[int, int]], of_input: bool) -> torch.Tensor:
    """As _along, where channels stand one after the other that come from levels of different widths: (old, new) each."""
    pieces = value.split([old for old, _ in parts], dim)
    return torch.cat([_along(piece, dim, new, of_input) for piece, (_, new) in zip(pieces, parts)], dim)


def fit(value: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    value = value.float()
    if value.dim() > 1:
        value = _along(value, 1, shape[1], True)
    return noisy(_along(value, 0, shape[0], False)) if value.shape != shape else value


def noisy(value: torch.Tensor) -> torch.Tensor:
    return value + torch.randn_like(value) * NOISE * value.std() if value.dim() > 1 else value


def widened_vae(state: dict[str, torch.Tensor], network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: fit(state[name], p.shape) for name, p in network.state_dict().items()}


def widened_unet(state: dict[str, torch.Tensor], network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """A UNet's weights for a network of its topology."""
    old = [len(state[f"down_blocks.{i}.resnets.0.conv1.bias"]) for i in range(4)]
    if old == list(network.config.block_out_channels):
        return {name: value.float() for name, value in state.items()}
    levels = list(zip(old, network.config.block_out_channels))[::-1]
    out = {}
    for name, p in network.state_dict().items():
        value, where = state[name].float(), name.split(".")
        if where[0] == "up_blocks" and where[2] == "resnets" and where[4] in ("norm1", "conv1", "conv_shortcut"):
            i, j = int(where[1]), int(where[3])
            before, here, below = levels[max(0, i - 1)], levels[i], levels[min(i + 1, 3)]
            parts = [before if j == 0 else here, below if j == 2 else here]
            if value.dim() > 1:
                value = noisy(_along(_parts(value, 1, parts, True), 0, p.shape[0], False))
            elif where[4] == "norm1":
                value = _parts(value, 0, parts, False)
            else:
                value = _along(value, 0, p.shape[0], False)
        elif name == "time_embedding.linear_1.weight":  # twice as many frequencies: the old ones are every other
            wide = torch.zeros(value.shape[0], p.shape[1])
            wide[:, ::2] = value
            value = noisy(_along(wide, 0, p.shape[0], False))
        else:
            ratio = value.shape[0] / p.shape[0]
            value = fit(value, p.shape)
            if ".to_q." in name:
                value = value * ratio**0.5
        assert value.shape == p.shape, name
        out[name] = value
    return out
