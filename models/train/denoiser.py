"""The denoiser (UNet) and the text model, trained together by v-prediction with the loss on the hole."""
from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

from attention import ThinHeads
from captions import Facts, fill_caption, random_caption
from groupnorm import use_fast_group_norm
from latents import encode, load_rows
from networks import END_OF_TEXT, LATENT_SIZE, TEXT_LENGTH, alphas_cumprod, new_text, new_unet, tokenizer
from progress import Training, train_on, write
from scenes import SIZE
from widen import widened_unet

BATCH = 32
PEAK_RATE = 5e-4
DECAY_SHARE = 0.3  # of the steps, last: the rate falls
FROM_NOTHING = 0.25  # of the samples: everything is to be painted
UNPROMPTED = 0.1  # of the samples: no caption, for classifier-free guidance
KNOWN_WEIGHT = 0.1  # of the known part in the loss: easy, and replaced by the original in the end
TERMINAL = 940  # samplers start at such timesteps from pure noise
EXPORT_STEPS = 100


class Samples:
    """Random training batches, each following from its step's number."""

    def __init__(self, work: Path, count: int, blank: torch.Tensor):
        self.latents = np.load(work / "latents.npy", mmap_mode="r")
        self.masks = np.load(work / "masks.npy", mmap_mode="r")
        self.facts = [(Facts(tuple(row["things"]), tuple(row["extras"]), row["sky"], row["ground"]), row["name"]) for row in load_rows(work, count)]
        self.blank = blank

    def one(self, i: int, rng: random.Random, *, from_nothing: float = FROM_NOTHING, unprompted: float = UNPROMPTED) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, str]:
        """Scene i: latent [4, h, w], known latent [4, h, w], mask [1, h, w], cells that the mask touches [1, h, w], caption."""
        facts, name = self.facts[i]
        pair = torch.from_numpy(self.latents[i].astype(np.float32))
        if rng.random() < from_nothing:
            known = self.blank
            mask = cover = torch.ones(1, LATENT_SIZE, LATENT_SIZE)
            caption = random_caption(facts, rng)
        else:
            small, share = torch.from_numpy(self.masks[i].astype(np.float32))
            known, mask, cover = pair[1], small[None], (share > 0).float()[None]
            caption = fill_caption(facts, name, rng)
        return pair[0], known, mask, cover, "" if rng.random() < unprompted else caption

    def half_batch(self, rng: random.Random) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, list[str]]:
        """Latents [n, 4, h, w], known latents [n, 4, h, w], mask [n, 1, h, w], loss weight [n, 1, h, w] and captions."""
        x0, known, mask, cover, captions = zip(*(self.one(rng.randrange(len(self.facts)), rng) for _ in range(BATCH // 2)))
        return torch.stack(x0), torch.stack(known), torch.stack(mask), weight_of(torch.stack(cover)), list(captions)


def weight_of(cover: torch.Tensor) -> torch.Tensor:
    """The loss' weight of every cell, [n, 1, h, w], mean 1, of the cells that a mask touches."""
    # The hole's seam is decoded from the cells around it too: those count in full.
    where = F.max_pool2d(cover, 3, 1, 1) * (1 - KNOWN_WEIGHT) + KNOWN_WEIGHT
    return where / where.mean(dim=(1, 2, 3), keepdim=True)


def token_ids(tok: CLIPTokenizer, captions: list[str], full: bool) -> torch.Tensor:
    """Padded token ids; short of the 77 that pipelines use unless full, which is cheaper and works as well."""
    ids = tok(captions, padding="max_length", max_length=TEXT_LENGTH, truncation=True, return_tensors="pt").input_ids
    return ids if full else ids[:, : int((ids != END_OF_TEXT).sum(1).max()) + 2]


def random_timesteps(n: int) -> torch.Tensor:
    late = torch.rand(n) < 0.1
    return torch.where(late, torch.randint(TERMINAL, 1000, (n,)), torch.randint(0, 1000, (n,)))


Predict = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def velocity_loss(predict: Predict, batch: tuple[torch.Tensor, ...], alpha_bar: torch.Tensor, timesteps: Callable[[int], torch.Tensor] = random_timesteps) -> torch.Tensor:
    """v-prediction (arXiv 2202.00512). An error at high noise, where the colours are decided, counts as much as any other;
    at low noise weights fall as in min-SNR (arXiv 2303.09556). predict takes the noisy latents [n, 4, h, w], the same
    with mask and known latents [n, 9, h, w], and timesteps [n].
    """
    x0, known, mask, where = batch
    n = len(x0)
    noise = torch.randn_like(x0)
    t = timesteps(n)
    a = alpha_bar[t].view(-1, 1, 1, 1)
    noised = a.sqrt() * x0 + (1 - a).sqrt() * noise
    # The schedule leaves a trace of the picture at its last steps; samplers begin with none. Half of those inputs have none here.
    pure = ((t >= TERMINAL) & (torch.rand(n) < 0.5)).view(-1, 1, 1, 1)
    noisy = torch.where(pure, noise, noised).contiguous(memory_format=torch.channels_last)
    seen = torch.cat([noisy, mask, known], 1).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        out = predict(noisy, seen, t).float()
    velocity = a.sqrt() * noise - (1 - a).sqrt() * x0
    weight = (6 * (1 - a)).clamp(max=1)  # 6 / (SNR + 1)
    return (weight * where * (out - velocity) ** 2).mean()


def train_denoiser(work: Path, vae: AutoencoderKL, *, steps: int, count: int, processes: int) -> None:
    """Trains on from work/unet-state.pt up to the given step; work/unet.pt holds the averaged weights so far."""
    torch.manual_seed(0)
    unet, text, tok = new_unet().train().to(memory_format=torch.channels_last), new_text().train(), tokenizer(work)
    if (work / "unet-start.pt").exists():
        start = torch.load(work / "unet-start.pt", weights_only=True)
        unet.load_state_dict(widened_unet(start["unet"], unet))
        text.load_state_dict(start["text"])
    unet.set_attn_processor(ThinHeads())
    use_fast_group_norm(unet)
    samples = Samples(work, count, encode(vae, torch.zeros(1, 3, SIZE, SIZE))[0])
    alpha_bar = alphas_cumprod()

    def loss_of(step: int, half: int) -> torch.Tensor:
        torch.manual_seed(1_000_000 + 2 * step + half)
        rng = random.Random(f"denoiser {step} {half}")
        *batch, captions = samples.half_batch(rng)
        full = step > steps * (1 - DECAY_SHARE) or rng.random() < 0.3
        states = text(token_ids(tok, captions, full)).last_hidden_state
        return velocity_loss(lambda _, seen, t: unet(seen, t, states).sample, tuple(batch), alpha_bar)

    training = Training(work / "unet-state.pt", {"unet": unet, "text": text}, decay=0.999, loss_of=loss_of)
    if processes > 1:
        training.start_helper()
    print(f"denoiser: {sum(p.numel() for p in unet.parameters()) / 1e6:.2f} M parameters, from step {training.step}", flush=True)

    def export() -> None:
        with training.averaged():
            write(work / "unet.pt", {"unet": unet.state_dict(), "text": text.state_dict(), "step": training.step})

    train_on(training, "denoiser", steps=steps, peak_rate=PEAK_RATE, decay_share=DECAY_SHARE, batch=BATCH, export=export, export_steps=EXPORT_STEPS)
