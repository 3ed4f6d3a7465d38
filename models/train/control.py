"""Trains an edge ControlNet (arXiv 2302.05543) for the mini checkpoint, whose own weights stay as they are.

Needs the finished work folder of train.py. WORK/control-state.pt is the training's state: it goes on
from there after a kill at any time; WORK/control.pt holds the averaged weights so far.
"""
from __future__ import annotations

import argparse
import os
import random
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # the machine may be shared: no spinning at barriers

import cv2
import numpy as np
import torch
from diffusers import ControlNetModel, UNet2DConditionModel

from attention import ThinHeads
from control_maps import random_map
from denoiser import TERMINAL, Samples, token_ids, velocity_loss, weight_of
from export import load_parts
from groupnorm import use_fast_group_norm
from latents import encode
from networks import alphas_cumprod, tokenizer
from progress import Training, train_on, write
from scenes import SIZE

BATCH = 32
HINT_WIDTHS = (16, 32, 64, 128)
PEAK_RATE = 1e-3
DECAY_SHARE = 0.3  # of the steps, last: the rate falls
FROM_NOTHING = 0.6  # of the samples: everything is to be painted
UNPROMPTED = 0.3  # of the samples: no caption, so that the map alone must tell
HOLE_MAPS = 0.5  # of the samples: the map has lines only there
EXPORT_STEPS = 60


def new_control(unet: UNet2DConditionModel) -> ControlNetModel:
    """A copy of the UNet's encoder and middle that sees the noisy latent alone, with zero convolutions and a small map encoder."""
    c = unet.config
    control = ControlNetModel(in_channels=4, down_block_types=c.down_block_types, block_out_channels=c.block_out_channels, layers_per_block=c.layers_per_block,
                              cross_attention_dim=c.cross_attention_dim, attention_head_dim=c.attention_head_dim, norm_num_groups=c.norm_num_groups,
                              conditioning_embedding_out_channels=HINT_WIDTHS)
    own = unet.state_dict()
    own["conv_in.weight"] = own["conv_in.weight"][:, :4]
    for name in ("conv_in", "time_embedding", "down_blocks", "mid_block"):
        getattr(control, name).load_state_dict({k.removeprefix(name + "."): v for k, v in own.items() if k.startswith(name + ".")})
    return control


class ControlSamples(Samples):
    """Random training batches with edge maps, each following from its step's number."""

    def half_batch_with_maps(self, rng: random.Random) -> tuple[tuple[torch.Tensor, ...], torch.Tensor, list[str]]:
        """Latents [n, 4, h, w], known latents [n, 4, h, w], mask [n, 1, h, w] and loss weight [n, 1, h, w]; maps [n, 3, H, W] in 0..1; captions."""
        scenes, maps = [], []
        for _ in range(BATCH // 2):
            i = rng.randrange(len(self.facts))
            lines = random_map(i, rng).astype(np.float32) / 255
            scenes.append(self.one(i, rng, from_nothing=FROM_NOTHING, unprompted=UNPROMPTED))
            cover = scenes[-1][3]
            if rng.random() < HOLE_MAPS:
                lines = lines * cover[0].numpy().repeat(8, 0).repeat(8, 1)
            maps.append(torch.from_numpy(lines).expand(3, SIZE, SIZE))
        x0, known, mask, cover, captions = zip(*scenes)
        return (torch.stack(x0), torch.stack(known), torch.stack(mask), weight_of(torch.stack(cover))), torch.stack(maps), list(captions)


def high_timesteps(n: int) -> torch.Tensor:
    """Timesteps that lean to high noise, where it is decided what stands where."""
    late = torch.rand(n) < 0.15
    return torch.where(late, torch.randint(TERMINAL, 1000, (n,)), (1000 * torch.rand(n).sqrt()).long().clamp(max=999))


def train_control(work: Path, *, steps: int, count: int, processes: int) -> None:
    torch.manual_seed(0)
    unet, vae, text = load_parts(work)
    tok = tokenizer(work)
    control = new_control(unet).train().to(memory_format=torch.channels_last)
    unet.to(memory_format=torch.channels_last).requires_grad_(False)
    text.requires_grad_(False)
    for network in (unet, control):
        network.set_attn_processor(ThinHeads())
        use_fast_group_norm(network)
    samples = ControlSamples(work, count, encode(vae, torch.zeros(1, 3, SIZE, SIZE))[0])
    alpha_bar = alphas_cumprod()

    def loss_of(step: int, half: int) -> torch.Tensor:
        torch.manual_seed(2_000_000 + 2 * step + half)
        rng = random.Random(f"control {step} {half}")
        batch, maps, captions = samples.half_batch_with_maps(rng)
        maps = maps.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            states = text(token_ids(tok, captions, rng.random() < 0.3)).last_hidden_state

        def predict(noisy: torch.Tensor, seen: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            down, middle = control(noisy, t, states, maps, return_dict=False)
            return unet(seen, t, states, down_block_additional_residuals=down, mid_block_additional_residual=middle).sample

        return velocity_loss(predict, batch, alpha_bar, high_timesteps)

    training = Training(work / "control-state.pt", {"control": control}, decay=0.99, loss_of=loss_of)
    if processes > 1:
        training.start_helper()
    print(f"control: {sum(p.numel() for p in control.parameters()) / 1e6:.2f} M parameters, from step {training.step}", flush=True)

    def export() -> None:
        with training.averaged():
            write(work / "control.pt", {"control": control.state_dict(), "step": training.step})

    train_on(training, "control", steps=steps, peak_rate=PEAK_RATE, decay_share=DECAY_SHARE, batch=BATCH, export=export, export_steps=EXPORT_STEPS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--processes", type=int, choices=[1, 2], default=2)
    parser.add_argument("--scenes", type=int, default=24000, help="how many of train.py's scenes to learn from")
    parser.add_argument("--steps", type=int, default=4000)
    args = parser.parse_args()
    torch.set_num_threads(1)  # two processes beat two threads
    cv2.setNumThreads(0)
    train_control(args.work, steps=args.steps, count=args.scenes, processes=args.processes)


if __name__ == "__main__":
    main()
