"""Trains the mini checkpoint: a Stable Diffusion 1.x inpainting model, small enough to ship.

Stages: autoencoder, latents, denoiser. Every stage goes on from what is in --work,
after a kill at any time; schedules count steps, never time.
"""
from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # the machine may be shared: no spinning at barriers

import torch

from autoencoder import train_autoencoder
from denoiser import train_denoiser
from latents import make_latents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--processes", type=int, choices=[1, 2], default=2)
    parser.add_argument("--vae-steps", type=int, default=4000)
    parser.add_argument("--scenes", type=int, default=24000, help="how many the denoiser learns from")
    parser.add_argument("--unet-steps", type=int, default=12000)
    args = parser.parse_args()
    torch.set_num_threads(1)  # two processes beat two threads
    args.work.mkdir(exist_ok=True, parents=True)
    vae = train_autoencoder(args.work, steps=args.vae_steps, processes=args.processes)
    make_latents(args.work, vae, args.scenes, args.processes)
    train_denoiser(args.work, vae, steps=args.unet_steps, count=args.scenes, processes=args.processes)


if __name__ == "__main__":
    main()
