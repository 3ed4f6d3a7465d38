"""Attention for training many short, thin heads on a processor, where torch's fused kernel is slow."""
from __future__ import annotations

import torch
from diffusers.models.attention_processor import Attention

from kernels import call


class _Attend(torch.autograd.Function):
    """softmax(q k / sqrt(d)) v of [n, tokens, heads * d] and [n, keys, heads * d], summed in float32."""

    @staticmethod
    def forward(ctx, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int, scale: float) -> torch.Tensor:
        q, k, v = (x.contiguous() for x in (q, k, v))
        (n, tokens, width), keys = q.shape, k.shape[1]
        out, logs = torch.empty_like(q), q.new_empty(n, heads, tokens, dtype=torch.float32)
        call("attention_forward", q.dtype, q, k, v, out, logs, n, heads, width // heads, tokens, keys, scale)
        ctx.save_for_backward(q, k, v, out, logs)
        ctx.heads, ctx.scale = heads, scale
        return out

    @staticmethod
    def backward(ctx, grad: torch.Tensor):
        q, k, v, out, logs = ctx.saved_tensors
        (n, tokens, width), keys = q.shape, k.shape[1]
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        call("attention_backward", q.dtype, q, k, v, out, grad.to(q.dtype).contiguous(), logs, dq, dk, dv, n, ctx.heads, width // ctx.heads, tokens, keys, ctx.scale)
        return dq, dk, dv, None, None


class ThinHeads:
    """An attention processor of diffusers, without masks."""

    def __call__(self, attn: Attention, hidden_states: torch.Tensor, encoder_hidden_states: torch.Tensor | None = None, **_: object) -> torch.Tensor:
        source = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        out = _Attend.apply(attn.to_q(hidden_states), attn.to_k(source), attn.to_v(source), attn.heads, float(attn.scale))
        return attn.to_out[1](attn.to_out[0](out))
