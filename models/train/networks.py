"""The three networks of the mini checkpoint: Stable Diffusion 1.x inpainting, only narrower.

Widths are whole multiples of the first one, as readers of the published layout expect. Stable
Diffusion normalises in 32 groups: with 1 or 2 channels a group, a flat colour is normalised away (mean
and deviation leave nothing), and a decoder gets the picture's colours wrong. So the autoencoder is 96
wide, 3 a group. The denoiser always has noise of known strength in its input, and does with 2 a group.
The sizes stay within the 32 MB that the file may have in float16 (6.3 are the vocabulary's embedding).
"""
from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from scenes import SIZE

SCALING = 0.18215
LATENT_SIZE = SIZE // 8
TEXT_WIDTH = 64
TEXT_LENGTH = 77
END_OF_TEXT = 49407
VAE_WIDTHS = (64, 64, 128, 128)
UNET_WIDTHS = (64, 128, 64, 64)


def new_vae() -> AutoencoderKL:
    return AutoencoderKL(in_channels=3, out_channels=3, latent_channels=4, sample_size=SIZE, layers_per_block=1,
                         block_out_channels=VAE_WIDTHS, norm_num_groups=32, scaling_factor=SCALING,
                         down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)


def new_text() -> CLIPTextModel:
    return CLIPTextModel(CLIPTextConfig(vocab_size=49408, hidden_size=TEXT_WIDTH, intermediate_size=256, num_hidden_layers=3,
                                        num_attention_heads=1, max_position_embeddings=TEXT_LENGTH, hidden_act="quick_gelu",
                                        pad_token_id=END_OF_TEXT, bos_token_id=49406, eos_token_id=END_OF_TEXT))


def new_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(sample_size=LATENT_SIZE, in_channels=9, out_channels=4, layers_per_block=2, block_out_channels=UNET_WIDTHS,
                                cross_attention_dim=TEXT_WIDTH, attention_head_dim=8, norm_num_groups=32)


def alphas_cumprod() -> torch.Tensor:
    """Stable Diffusion's noise schedule, [1000]: the share of the picture's variance left at each timestep."""
    return DDPMScheduler(1000, 0.00085, 0.012, "scaled_linear").alphas_cumprod


def tokenizer(work: Path) -> CLIPTokenizer:
    """The published CLIP byte-pair vocabulary, from the open_clip_torch package."""
    if not (work / "merges.txt").exists():
        root = Path(importlib.util.find_spec("open_clip").origin).parent
        merges = gzip.open(root / "bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
        printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
        rest = [b for b in range(256) if b not in printable]
        chars = [chr(b) for b in printable] + [chr(256 + i) for i in range(len(rest))]
        words = chars + [c + "</w>" for c in chars] + ["".join(m.split()) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
        (work / "vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}, ensure_ascii=False))
        (work / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges))
    return CLIPTokenizer(str(work / "vocab.json"), str(work / "merges.txt"), pad_token="<|endoftext|>", model_max_length=TEXT_LENGTH)
