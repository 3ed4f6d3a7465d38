"""Group norm with SiLU for activations stored channels last, on a processor: torch's own take most of a training step there."""
from __future__ import annotations

import torch
from diffusers.models.resnet import ResnetBlock2D
from torch import nn

from kernels import call


class _GroupNorm(torch.autograd.Function):
    """Normalises [n, c, h, w], then SiLU if asked; sums run in float32, whatever the input's type."""

    @staticmethod
    def forward(ctx, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, groups: int, eps: float, silu: bool) -> torch.Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        mean, inverse = x.new_empty(n, groups, dtype=torch.float32), x.new_empty(n, groups, dtype=torch.float32)
        out = torch.empty_like(x, memory_format=torch.channels_last)
        call("norm_forward", x.dtype, x, weight, bias, out, mean, inverse, n, h * w, c, groups, eps, int(silu))
        ctx.save_for_backward(x, weight, bias, mean, inverse)
        ctx.silu = silu
        return out

    @staticmethod
    def backward(ctx, grad: torch.Tensor):
        x, weight, bias, mean, inverse = ctx.saved_tensors
        grad = grad.to(x.dtype).contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        dx, dweight, dbias = torch.empty_like(x, memory_format=torch.channels_last), torch.empty_like(weight), torch.empty_like(bias)
        call("norm_backward", x.dtype, x, grad, weight, bias, mean, inverse, dx, dweight, dbias, n, h * w, c, mean.shape[1], int(ctx.silu))
        return dx, dweight, dbias, None, None, None


class _Activation(nn.Module):
    """SiLU of what is not a picture: those had theirs with the norm before."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.dim() == 4 else nn.functional.silu(x)


def use_fast_group_norm(network: nn.Module) -> None:
    """Replaces every group norm of pictures, with the SiLU that follows it; parameters and results stay the same."""
    followed = set()
    for module in network.modules():
        if isinstance(module, ResnetBlock2D):
            followed.update((module.norm1, module.norm2))
            module.nonlinearity = _Activation()
        elif hasattr(module, "conv_norm_out"):
            followed.add(module.conv_norm_out)
            module.conv_act = _Activation()
    for module in network.modules():
        if isinstance(module, nn.GroupNorm):
            def forward(x: torch.Tensor, m: nn.GroupNorm = module, silu: bool = module in followed) -> torch.Tensor:
                if x.dim() != 4:
                    return nn.functional.group_norm(x, m.num_groups, m.weight, m.bias, m.eps)
                return _GroupNorm.apply(x, m.weight, m.bias, m.num_groups, m.eps, silu)

            module.forward = forward
