"""The denoiser's training set: scenes, whole and with a hole, as latents; resumable chunk by chunk."""
from __future__ import annotations

import json
import multiprocessing
import random
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from autoencoder import to_tensor
from captions import facts_of
from masks import random_mask
from networks import LATENT_SIZE, SCALING
from scenes import SIZE, make_scene

CHUNK = 240


def hole_of(pixels: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The picture with its hole grey (0), as the inpainting pipeline encodes it; mask is 1 in the hole."""
    return pixels * (mask < 0.5)


def _sample(seed: int) -> tuple[np.ndarray, np.ndarray, dict]:
    scene = make_scene(seed)
    mask, name = random_mask(scene, random.Random(f"mask {seed}"))
    facts = facts_of(scene)
    row = {"name": name, "things": facts.things, "extras": facts.extras, "sky": facts.sky, "ground": facts.ground}
    return np.asarray(scene.image), np.asarray(mask), row


@torch.no_grad()
def encode(vae: AutoencoderKL, pixels: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return vae.encode(pixels.contiguous(memory_format=torch.channels_last)).latent_dist.mode().float() * SCALING


def make_latents(work: Path, vae: AutoencoderKL, count: int, processes: int) -> None:
    """Writes latents.npy [count, 2, 4, h, w] (whole, with hole), masks.npy [count, 2, h, w] and rows-*.json.

    masks holds the mask as the pipeline shrinks it (nearest) and the share of every cell that is masked.
    """
    side = LATENT_SIZE
    shapes = {"latents.npy": (count, 2, 4, side, side), "masks.npy": (count, 2, side, side)}
    for name, shape in shapes.items():
        if not (work / name).exists():
            np.lib.format.open_memmap(work / name, "w+", np.float16, shape).flush()
        elif np.load(work / name, mmap_mode="r").shape != shape:
            raise SystemExit(f"{work / name} was begun for another number of scenes than {count}; remove it and rows-*.json to begin anew")
    helpers = [multiprocessing.get_context("fork").Process(target=_encode_chunks, args=(work, vae, count, i, processes)) for i in range(1, processes)]
    for helper in helpers:
        helper.start()
    _encode_chunks(work, vae, count, 0, processes)
    for helper in helpers:
        helper.join()


def _encode_chunks(work: Path, vae: AutoencoderKL, count: int, process: int, processes: int) -> None:
    latents, masks = (np.lib.format.open_memmap(work / name, "r+") for name in ("latents.npy", "masks.npy"))
    for start in range(process * CHUNK, count, processes * CHUNK):
        rows = work / f"rows-{start:06d}.json"
        if rows.exists():  # written last
            continue
        samples = [_sample(seed) for seed in range(start, min(start + CHUNK, count))]
        for i in range(0, len(samples), 16):
            part = samples[i : i + 16]
            pixels = to_tensor([s[0] for s in part])
            mask = torch.from_numpy(np.stack([s[1] for s in part])).float()[:, None] / 255
            here = slice(start + i, start + i + len(part))
            latents[here, 0] = encode(vae, pixels).numpy()
            latents[here, 1] = encode(vae, hole_of(pixels, mask)).numpy()
            masks[here, 0] = (mask[:, 0, ::8, ::8] >= 0.5).numpy()
            masks[here, 1] = torch.nn.functional.avg_pool2d(mask, 8)[:, 0].numpy()
        latents.flush()
        masks.flush()
        rows.write_text(json.dumps([s[2] for s in samples]))
        print(f"latents {start + len(samples)}/{count}", flush=True)


def load_rows(work: Path, count: int) -> list[dict]:
    rows = [row for start in range(0, count, CHUNK) for row in json.loads((work / f"rows-{start:06d}.json").read_text())]
    if len(rows) != count or SIZE != LATENT_SIZE * 8:
        raise SystemExit(f"expected {count} rows in {work}, found {len(rows)}")
    return rows
