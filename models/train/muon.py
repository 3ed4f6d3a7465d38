"""Muon (github.com/KellerJordan/Muon, arXiv 2502.16982's scaling): a step's momentum made orthogonal, for matrices and convolutions."""
from __future__ import annotations

from collections import defaultdict

import torch

STEPS = ((3.4445, -4.7750, 2.0315),) * 5


def orthogonal(m: torch.Tensor) -> torch.Tensor:
    """Matrices [count, rows, columns] with all singular values brought near 1, by Newton and Schulz's iteration in bfloat16."""
    x = m.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for a, b, c in STEPS:
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Updates have a mean square of (0.2 lr)^2, about as AdamW's, so that one rate serves both."""

    def __init__(self, params: list[torch.nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            by_shape = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    by_shape[tuple(p.shape)].append(p)
            for shape, params in by_shape.items():
                grads = [p.grad for p in params]
                for p in params:
                    if "momentum" not in self.state[p]:
                        self.state[p]["momentum"] = torch.zeros_like(p)
                buffers = [self.state[p]["momentum"] for p in params]
                torch._foreach_lerp_(buffers, grads, 1 - group["momentum"])
                update = torch.stack([g.lerp(b, group["momentum"]).flatten(1) for g, b in zip(grads, buffers)])
                update = orthogonal(update) * (0.2 * max(update.shape[1:]) ** 0.5)
                for p, u in zip(params, update):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(u.view(shape), alpha=group["lr"])


def optimisers_of(networks: dict[str, torch.nn.Module]) -> list[torch.optim.Optimizer]:
    """Muon for inner matrices and convolutions, AdamW for everything else (embeddings, first and last layers, norms, biases)."""
    inner, rest = [], []
    for network in networks.values():
        for name, p in network.named_parameters():
            (inner if p.dim() >= 2 and min(p.shape[:2]) >= 32 and "embedding" not in name else rest).append(p)
    return [Muon(inner, 1e-3), torch.optim.AdamW(rest, 1e-3, betas=(0.9, 0.99), weight_decay=0)]
