"""Measures the mini checkpoint on scenes that training never saw, and draws contact sheets: weights in training through diffusers'
inpainting pipeline, or with --program the shipped file through Inlay's own command line, as its users see it.

A fill: a scene without a thing, a box where one could stand, its name as the prompt. Rim: mean colour
of the 3 px inside the box's edge against the 3 px outside, the largest of the three channels.
"""
from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, StableDiffusionInpaintPipeline
from PIL import Image, ImageDraw, ImageFilter

from captions import PLACES, TIMES
from export import load_parts
from networks import tokenizer
from scenes import COLOURS, GROWS_IN, KINDS, SIZE, TEST_SEED, Scene, make_scene

RIM = 3
RIM_LIMIT = 8
PLAIN_LIMIT = 4  # boxes whose edge runs along a cloud or the moon differ by themselves and are not asked for
COLUMNS = 10


@dataclass(frozen=True)
class Task:
    prompt: str
    image: Image.Image
    mask: Image.Image
    colour: str | None
    seed: int
    operation: str


def pipeline(work: Path, scheduler: str) -> StableDiffusionInpaintPipeline:
    unet, vae, text = load_parts(work)
    common = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, prediction_type="v_prediction")
    chosen = (DDIMScheduler(**common, clip_sample=False, set_alpha_to_one=False) if scheduler == "ddim"
              else DPMSolverMultistepScheduler(**common, use_karras_sigmas=True))
    pipe = StableDiffusionInpaintPipeline(vae=vae, text_encoder=text, tokenizer=tokenizer(work), unet=unet, scheduler=chosen,
                                          safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def label_of(name: str, colour: str) -> str:
    kind = KINDS[name]
    return f"{'an' if colour == 'orange' else 'a'} {colour} {name}" if kind.coloured else f"{kind.article} {name}"


def fill_task(scene: Scene, seed: int) -> Task:
    """A thing for an empty place: the box leaves a margin around where it would stand."""
    rng = random.Random(f"fill {seed}")
    name = rng.choice(GROWS_IN[scene.ground])
    kind, colour = KINDS[name], rng.choice(list(COLOURS))
    height = rng.uniform(50, 66) * kind.size
    width = 2 * height * kind.half_width
    w, h = width + rng.uniform(8, 20), height + rng.uniform(8, 20)
    left = rng.uniform(4, max(5, SIZE - 4 - w))
    top = rng.uniform(4, 16) if name == "balloon" else rng.uniform(SIZE * 0.86, SIZE * 0.95) - h
    mask = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(mask).rectangle([round(left), round(top), round(left + w), round(top + h)], fill=255)
    return Task(label_of(name, colour), scene.image, mask, colour if kind.coloured else None, seed, "fill")


def fill_tasks(count: int) -> list[Task]:
    tasks, seed = [], TEST_SEED + 1000
    while len(tasks) < count:
        scene = make_scene(seed)
        task = fill_task(scene, seed)
        if not scene.things and rim_difference(task.image, task.mask) <= PLAIN_LIMIT:
            tasks.append(task)
        seed += 1
    return tasks


def generate_tasks(count: int) -> list[Task]:
    blank, full = Image.new("RGB", (SIZE, SIZE), (128, 128, 128)), Image.new("L", (SIZE, SIZE), 255)
    tasks = []
    for i in range(count):
        rng = random.Random(f"generate {i}")
        ground = rng.choice(list(PLACES))
        name, colour = rng.choice(GROWS_IN[ground]), rng.choice(list(COLOURS))
        place, time = PLACES[ground][0], TIMES[rng.choice(list(TIMES))][0]
        tail = rng.choice(["", f" {place}", f" {place} {time}", f" {place} {time}"])
        tasks.append(Task(label_of(name, colour) + tail, blank, full, colour if KINDS[name].coloured else None, i, "generate"))
    return tasks


def draw(pipe: StableDiffusionInpaintPipeline, task: Task, steps: int, guidance: float) -> Image.Image:
    out = pipe(task.prompt, image=task.image, mask_image=task.mask, width=SIZE, height=SIZE, num_inference_steps=steps, guidance_scale=guidance,
               strength=1.0, generator=torch.Generator().manual_seed(task.seed % 2**31)).images[0]
    return Image.composite(out, task.image, task.mask)


def draw_with(program: Path, task: Task) -> Image.Image:
    """What the command line makes of it where only the prompt is said: everything else is its default."""
    with tempfile.TemporaryDirectory() as folder:
        image, mask, out = (str(Path(folder) / f"{name}.png") for name in ("image", "mask", "out"))
        task.image.save(image)
        task.mask.save(mask)
        of = ["fill", image, "--mask", mask] if task.operation == "fill" else ["generate", "--size", f"{SIZE}x{SIZE}"]
        words = ["--prompt", task.prompt, "--seed", str(task.seed % 2**31), "-o", out]
        result = subprocess.run(["node", str(program), *of, *words], capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(result.stderr)
        return Image.open(out).convert("RGB")


def rim_difference(image: Image.Image, mask: Image.Image) -> float:
    """Difference in levels of mean colour between the 3 px inside and the 3 px outside the mask's edge, largest channel."""
    pixels = np.asarray(image).astype(float)
    size = 2 * RIM + 1
    hole = np.asarray(mask) > 127
    inside = hole & (np.asarray(mask.filter(ImageFilter.MinFilter(size))) <= 127)
    outside = ~hole & (np.asarray(mask.filter(ImageFilter.MaxFilter(size))) > 127)
    return float(np.abs(pixels[inside].mean(0) - pixels[outside].mean(0)).max())


def colour_share(image: Image.Image, task: Task) -> float:
    """Share of the masked pixels that are nearer to the named colour than 60 levels: a hint, not a judgement."""
    pixels = np.asarray(image).astype(float)[np.asarray(task.mask) > 127]
    return float((np.linalg.norm(pixels - np.array(COLOURS[task.colour]), axis=1) < 60).mean())


def sheet(pictures: list[Image.Image], prompts: list[str], path: Path) -> None:
    """Tiles with their prompts beneath, ten in a row."""
    rows, step = -(-len(pictures) // COLUMNS), SIZE + 24
    out = Image.new("RGB", (SIZE * COLUMNS, step * rows), (255, 255, 255))
    pen = ImageDraw.Draw(out)
    for i, (picture, prompt) in enumerate(zip(pictures, prompts)):
        x, y = i % COLUMNS * SIZE, i // COLUMNS * step
        out.paste(picture, (x, y))
        words = prompt.split(" ")
        pen.text((x + 2, y + SIZE), " ".join(words[:4]), fill=(0, 0, 0))
        pen.text((x + 2, y + SIZE + 11), " ".join(words[4:])[:22], fill=(0, 0, 0))
    out.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("evaluation"))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--scheduler", choices=["dpmpp-2m-karras", "ddim"], default="dpmpp-2m-karras")
    parser.add_argument("--program", type=Path, help="dist/inlay.js, to draw with that and its defaults; faster where `inlay serve` runs")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    pipe = None if args.program else pipeline(args.work, args.scheduler)
    results = {}
    for kind, tasks in (("fill", fill_tasks(args.count)), ("generate", generate_tasks(args.count))):
        pictures = [draw_with(args.program, task) if pipe is None else draw(pipe, task, args.steps, args.guidance) for task in tasks]
        sheet(pictures, [task.prompt for task in tasks], args.out / f"{kind}.png")
        shares = [colour_share(p, t) for p, t in zip(pictures, tasks) if t.colour]
        results[kind] = {"colour share above 3 %": sum(s > 0.03 for s in shares), "of": len(shares)}
        if kind == "fill":
            rims = sorted(rim_difference(p, t.mask) for p, t in zip(pictures, tasks))
            truth = sorted(rim_difference(t.image, t.mask) for t in tasks)
            results["rim"] = {"within limit": sum(r <= RIM_LIMIT for r in rims), "of": len(rims), "median": round(float(np.median(rims)), 2),
                              "p90": round(rims[int(len(rims) * 0.9)], 2), "p90 of the scenes themselves": round(truth[int(len(truth) * 0.9)], 2)}
        print(json.dumps(results[kind]), flush=True)
    print(json.dumps(results.get("rim")), flush=True)
    (args.out / "results.json").write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
