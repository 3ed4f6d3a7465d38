"""Attention for training many short, thin heads on a processor, where torch's fused kernel is slow."""
from __future__ import annotations

import torch
from diffusers.models.attention_processor import Attention


class PlainAttention:
    """softmax(q k / sqrt(d)) v by batched products, the scores kept in the type of the activations. No mask."""

    def __call__(self, attn: Attention, hidden_states: torch.Tensor, encoder_hidden_states: torch.Tensor | None = None, **_: object) -> torch.Tensor:
        source = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = attn.to_q(hidden_states), attn.to_k(source), attn.to_v(source)
        with torch.autocast("cpu", enabled=False):
            q, k, v = (attn.head_to_batch_dim(x).contiguous() for x in (q * attn.scale, k, v))
            out = torch.softmax(q @ k.transpose(1, 2), -1) @ v
        return attn.to_out[1](attn.to_out[0](attn.batch_to_head_dim(out)))
