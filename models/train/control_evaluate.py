"""Measures the edge control network on scenes that training never saw, and draws a contact sheet: weights in training through
diffusers' pipeline, or with --program the shipped files through Inlay's own command line, as its users see them.

Agreement: the lines of the map and the edges of the drawn picture (Canny, 100 and 200), each met where the other has one
within 2 px; F1 is the harmonic mean of both shares. Once with the edges of a scene, once with those of a sketch of it; what the
scene itself gets against its sketch is about as much as can be had.
"""
from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import StableDiffusionControlNetInpaintPipeline
from PIL import Image

from attention import ThinHeads
from captions import facts_of, full_caption
from control_export import load_control
from control_maps import edges
from evaluate import pipeline
from groupnorm import use_fast_group_norm
from scenes import SIZE, TEST_SEED, make_scene
from sketches import Hand, sketch_of

TOLERANCE = 2  # px
FIRST_SEED = TEST_SEED + 5000
COLUMNS = 12
SKETCH_HAND = Hand(width=2, wobble=0.5, shift=0.5, gaps=0.1, skips_detail=0.1, merges=True, horizon=True, extras=1)


def agreement(wanted: np.ndarray, found: np.ndarray) -> float:
    """F1 of two edge maps with a tolerance; 0 where either is empty."""
    wanted, found = wanted > 127, found > 127
    if not wanted.any() or not found.any():
        return 0.0
    to_wanted, to_found = (cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, 5) for lines in (wanted, found))
    precision, recall = float((to_wanted[found] <= TOLERANCE).mean()), float((to_found[wanted] <= TOLERANCE).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


class Drawer:
    """Draws with diffusers' pipelines: from prompts alone, or with control pictures."""

    def __init__(self, work: Path, steps: int, guidance: float, strength: float):
        self.strength = strength
        self.plain = pipeline(work, "dpmpp-2m-karras")
        parts = {k: v for k, v in self.plain.components.items() if k != "image_encoder"}
        control = load_control(work)
        for network in (self.plain.unet, control):
            network.to(memory_format=torch.channels_last).set_attn_processor(ThinHeads())
            use_fast_group_norm(network)
        self.controlled = StableDiffusionControlNetInpaintPipeline(**parts, controlnet=control, requires_safety_checker=False)
        self.controlled.set_progress_bar_config(disable=True)
        self.common = dict(width=SIZE, height=SIZE, num_inference_steps=steps, guidance_scale=guidance, strength=1.0)

    def __call__(self, prompts: list[str], seeds: list[int], controls: list[np.ndarray] | None) -> list[Image.Image]:
        n = len(prompts)
        blank, full = Image.new("RGB", (SIZE, SIZE), (128, 128, 128)), Image.new("L", (SIZE, SIZE), 255)
        common = dict(self.common, image=[blank] * n, mask_image=[full] * n, generator=[torch.Generator().manual_seed(seed) for seed in seeds])
        if controls is None:
            return self.plain(prompts, **common).images
        lines = [Image.fromarray(edges(control)).convert("RGB") for control in controls]
        return self.controlled(prompts, control_image=lines, controlnet_conditioning_scale=self.strength, **common).images


class Program:
    """Draws with Inlay's command line, everything not said left to its defaults."""

    def __init__(self, program: Path, strength: float):
        self.program, self.strength = program, strength

    def __call__(self, prompts: list[str], seeds: list[int], controls: list[np.ndarray] | None) -> list[Image.Image]:
        return [self._one(*each) for each in zip(prompts, seeds, controls or [None] * len(prompts))]

    def _one(self, prompt: str, seed: int, control: np.ndarray | None) -> Image.Image:
        with tempfile.TemporaryDirectory() as folder:
            out, image = (str(Path(folder) / f"{name}.png") for name in ("out", "control"))
            words = ["--prompt", prompt, "--size", f"{SIZE}x{SIZE}", "--seed", str(seed), "-o", out]
            if control is not None:
                Image.fromarray(control).convert("RGB").save(image)
                words += ["--control", f"image={image},preprocess=canny,strength={self.strength}"]
            result = subprocess.run(["node", str(self.program), "generate", *words], capture_output=True, text=True)
            if result.returncode:
                raise SystemExit(result.stderr)
            return Image.open(out).convert("RGB")


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Columns of pictures side by side, COLUMNS in a band."""
    bands, each, gap = -(-len(rows) // COLUMNS), len(rows[0]), 6
    out = Image.new("RGB", (SIZE * COLUMNS, (SIZE * each + gap) * bands - gap), (255, 255, 255))
    for i, row in enumerate(rows):
        for k, picture in enumerate(row):
            out.paste(Image.fromarray(picture).convert("RGB"), (i % COLUMNS * SIZE, i // COLUMNS * (SIZE * each + gap) + k * SIZE))
    out.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("evaluation"))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--program", type=Path, help="dist/inlay.js, to draw with that and its defaults; faster where `inlay serve` runs")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    draw = Program(args.program, args.strength) if args.program else Drawer(args.work, args.steps, args.guidance, args.strength)
    scores: dict[str, list[float]] = {}
    rows, seeds = [], [seed for seed in range(FIRST_SEED, FIRST_SEED + 2 * args.count) if make_scene(seed).things][: args.count]
    for first in range(0, args.count, COLUMNS):
        part = seeds[first : first + COLUMNS]
        scenes = [make_scene(seed) for seed in part]
        prompts, numbers = [full_caption(facts_of(scene)) for scene in scenes], [seed % 2**31 for seed in part]
        pictures = [np.asarray(scene.image) for scene in scenes]
        sketches = [sketch_of(seed, random.Random(f"sketch {seed}"), SKETCH_HAND) for seed in part]
        drawn = [[np.asarray(picture) for picture in draw(prompts, numbers, controls)] for controls in (None, pictures, sketches)]
        for picture, sketch, without, by_picture, by_sketch in zip(pictures, sketches, *drawn):
            for kind, control, controlled in (("picture", picture, by_picture), ("sketch", sketch, by_sketch)):
                for way, found in (("without", without), ("with", controlled), ("scene itself", picture)):
                    scores.setdefault(f"{kind} {way}", []).append(agreement(edges(control), edges(found)))
            rows.append([sketch, edges(sketch), without, by_sketch, edges(picture), by_picture])
        sheet(rows, args.out / "control.png")
        print(len(rows), {name: f"{np.mean(v):.3f} +- {np.std(v):.3f}" for name, v in scores.items()}, flush=True)
    results = {name: {"mean": round(float(np.mean(v)), 3), "deviation": round(float(np.std(v)), 3), "p10": round(float(np.quantile(v, 0.1)), 3)} for name, v in scores.items()}
    results["better than without"] = {kind: sum(a > b for a, b in zip(scores[f"{kind} with"], scores[f"{kind} without"])) for kind in ("picture", "sketch")}
    (args.out / "control.json").write_text(json.dumps({**results, "scores": scores}, indent=2))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
