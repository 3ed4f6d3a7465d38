"""The autoencoder: its training, its numbers on scenes it never saw, and its latents scaled as Stable Diffusion's."""
from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from groupnorm import use_fast_group_norm
from networks import SCALING, new_vae
from progress import Training, cosine_rate, write
from scenes import SIZE, TEST_SEED, make_scene
from widen import widened_vae

FIRST_SEED = 500_000_000  # of its own scenes, apart from those the denoiser learns from
CROP, CROPS, PICTURES = 80, 10, 4
CROP_SHARE = 0.65  # of the steps, first: crops about things; then whole pictures, as group norms see the whole picture
THING_WEIGHT = 4.0  # of what is drawn on a picture against its plain ground, in the loss on whole pictures
PEAK_RATE = 7e-4
KL_WEIGHT = 1e-6  # small: at 3e-4 a latent channel collapses early and colours are lost
REPORT_STEPS, TEST_STEPS = 25, 100


def to_tensor(pictures: list[np.ndarray]) -> torch.Tensor:
    """8-bit RGB pictures as [count, 3, height, width] in -1..1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def half_batch(step: int, half: int, whole: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Half of one step's pictures or crops, as [count, 3, height, width] in -1..1, and the loss' weights [count, 1, height, width]."""
    rng = random.Random(f"autoencoder {step} {half}")
    pictures, weights = [], []
    count = (PICTURES if whole else CROPS) // 2
    seed = FIRST_SEED + (2 * step + half) * 100
    while len(pictures) < count:
        scene = make_scene(seed)
        seed += 1
        drawn = [*scene.things, *scene.extras]
        if not whole and not drawn:
            continue
        picture, weight = np.asarray(scene.image), np.ones((SIZE, SIZE), np.float32)
        if whole:
            for left, top, right, bottom in (thing.box for thing in drawn):
                weight[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)] = THING_WEIGHT
            if rng.random() < 0.3:  # the encoder also sees pictures with a hole, grey as the pipeline leaves it
                picture = picture.copy()
                x, y, w, h = rng.randrange(SIZE), rng.randrange(SIZE), rng.randrange(24, 80), rng.randrange(24, 80)
                picture[max(0, y - h // 2) : y + h // 2, max(0, x - w // 2) : x + w // 2] = 127
        else:
            left, top, right, bottom = rng.choice(scene.things or drawn).box
            x, y = (min(max(round(rng.uniform(low, high) - CROP / 2), 0), SIZE - CROP) for low, high in ((left, right), (top, bottom)))
            picture, weight = picture[y : y + CROP, x : x + CROP], weight[y : y + CROP, x : x + CROP]
        pictures.append(picture)
        weights.append(weight / weight.mean())
    return to_tensor(pictures).contiguous(memory_format=torch.channels_last), torch.from_numpy(np.stack(weights))[:, None]


def reconstruction_loss(out: torch.Tensor, pixels: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Mean absolute error of pixels, of their differences (edges) and of 8 px blocks (flat colour)."""
    error = (out - pixels) * weight
    edges = error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
    return error.abs().mean() + 0.5 * edges + F.avg_pool2d(error, 8).abs().mean()


@torch.no_grad()
def measure(vae: AutoencoderKL, count: int = 32) -> str:
    """Errors of a round trip in levels of 255 on unseen scenes: mean, of 16 px blocks (mean, 90th percentile), of edges, within things' boxes."""
    scenes = [make_scene(TEST_SEED + i) for i in range(count)]
    pixels = to_tensor([np.asarray(scene.image) for scene in scenes]).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        z = vae.encode(pixels).latent_dist.mode()
        error = (vae.decode(z).sample.float() - pixels) * 127.5
    blocks = F.avg_pool2d(error, 16).abs()
    edges = error.diff(dim=-1).abs().mean()
    boxes = [(i, [max(0, round(v)) for v in thing.box]) for i, scene in enumerate(scenes) for thing in scene.things]
    things = np.mean([error[i, :, top:bottom, left:right].abs().mean().item() for i, (left, top, right, bottom) in boxes])
    return f"things {things:.2f} L1 {error.abs().mean():.2f} blocks {blocks.mean():.2f} p90 {blocks.flatten().quantile(0.9):.2f} edges {edges:.2f} levels"


@torch.no_grad()
def bake_scale(vae: AutoencoderKL, count: int = 128) -> None:
    """Scales latents to unit deviation (times 1 / SCALING), and makes encoding all but deterministic.

    Decoding undoes it, so that nothing changes but the numbers between the two halves.
    """
    pixels = to_tensor([np.asarray(make_scene(FIRST_SEED - 1 - i).image) for i in range(count)])
    scale = 1 / (torch.cat([vae.encode(part).latent_dist.mean for part in pixels.split(16)]).std() * SCALING)
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.weight[:4] *= scale
    quant.bias[:4] *= scale
    quant.weight[4:] = 0
    quant.bias[4:] = -12
    post.weight /= scale


def train_autoencoder(work: Path, *, steps: int, processes: int) -> AutoencoderKL:
    """The trained autoencoder, from work/vae.pt where that is finished, else trained on from work/vae-state.pt."""
    if not (work / "vae.pt").exists():
        _train(work, steps, processes)
    vae = new_vae()
    vae.load_state_dict(torch.load(work / "vae.pt", weights_only=True))
    use_fast_group_norm(vae.to(memory_format=torch.channels_last))
    return vae.eval()


def _train(work: Path, steps: int, processes: int) -> None:
    torch.manual_seed(0)
    vae = new_vae().to(memory_format=torch.channels_last)
    use_fast_group_norm(vae)
    if (work / "vae-start.pt").exists():
        vae.load_state_dict(widened_vae(torch.load(work / "vae-start.pt", weights_only=True), vae))

    def loss_of(step: int, half: int) -> torch.Tensor:
        torch.manual_seed(2 * step + half)
        pixels, weight = half_batch(step, half, step >= steps * CROP_SHARE)
        with torch.autocast("cpu", torch.bfloat16):
            latent = vae.encode(pixels).latent_dist
            out = vae.decode(latent.sample()).sample.float()
        divergence = latent.kl().float().mean() / latent.mean[0].numel()
        return reconstruction_loss(out, pixels, weight) + KL_WEIGHT * divergence

    training = Training(work / "vae-state.pt", {"vae": vae}, decay=0.998, loss_of=loss_of)
    if processes > 1:
        training.start_helper()
    print(f"autoencoder: {sum(p.numel() for p in training.params) / 1e6:.2f} M parameters, from step {training.step}", flush=True)
    mean = 0.0
    while training.step < steps:
        loss = training.advance(cosine_rate(training.step, steps, PEAK_RATE))
        mean = mean * 0.96 + loss * 0.04 if mean else loss
        if training.step % REPORT_STEPS == 0:
            print(f"autoencoder {training.step}/{steps} loss {mean:.4f}", flush=True)
        if training.step % TEST_STEPS == 0:
            with training.averaged():
                print(f"autoencoder {training.step} unseen: {measure(vae)}", flush=True)
    training.save()
    training.close()
    with training.averaged():
        vae.eval()
        bake_scale(vae)
        print(f"autoencoder finished: {measure(vae, 100)}", flush=True)
        write(work / "vae.pt", vae.state_dict())
