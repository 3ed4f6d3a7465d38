"""Makes trajectories.safetensors beside this script: whole runs of diffusers' schedulers with a fixed "model".

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

The model is a formula, `model` below, that any port can compute. Each case of the metadata has the tensors
`NAME.timesteps`, `NAME.states` (the first latent, then the latent after each model call) and, where the case says so,
`NAME.noised` (add_noise before each model call). Latents are 1x4x2x3; all noise comes from one torch CPU generator,
seeded with the case's number: the first latent (or the noise added to the original), then what the scheduler draws.
"""

import json
import math
from pathlib import Path

import diffusers
import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
SHAPE = (1, 4, 2, 3)
# Stable Diffusion's published scheduler configuration; each class takes what it knows of it.
PUBLISHED = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "clip_sample": False,
    "timestep_spacing": "leading",
}
PREDICTIONS = {"epsilon": "epsilon", "v": "v_prediction", "sample": "sample"}


def model(model_input, timestep):
    """Smooth, not linear in either argument, computed in float64 and rounded once."""
    x = model_input.double()
    return (0.5 * x + 0.4 * torch.sin(2 * x + timestep / 250)).float()


def original():
    return torch.cos(torch.arange(math.prod(SHAPE), dtype=torch.float64)).float().reshape(SHAPE)


class Cases:
    def __init__(self):
        self.tensors = {}
        self.described = []

    def add(self, name, class_name, steps=7, prediction="epsilon", strength=1.0, zero_snr=False, seed=None, **config):
        """Runs `class_name` configured as published, but for `config`, as the pipelines of diffusers run it."""
        seed = len(self.described) if seed is None else seed
        scheduler_class = getattr(diffusers, class_name)
        settings = {**PUBLISHED, "prediction_type": PREDICTIONS[prediction], **config}
        if zero_snr:
            settings["rescale_betas_zero_snr"] = True
        scheduler = scheduler_class.from_config(settings)
        generator = torch.Generator().manual_seed(seed)
        scheduler.set_timesteps(steps)
        self.run(name, scheduler, steps, generator, strength)
        self.described.append(
            {
                "name": name,
                "steps": steps,
                "predictionType": PREDICTIONS[prediction],
                "strength": strength,
                "rescaleZeroTerminalSnr": zero_snr,
                "seed": seed,
            }
        )

    def run(self, name, scheduler, steps, generator, strength):
        skipped = (steps - min(int(steps * strength), steps)) * scheduler.order
        timesteps = scheduler.timesteps[skipped:]
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(skipped)
        noise = torch.randn(SHAPE, generator=generator)
        noised = [scheduler.add_noise(original(), noise, timesteps[:1])]
        sample = noise * scheduler.init_noise_sigma if strength == 1 else noised[0]
        if hasattr(scheduler, "noise_sampler_seed"):
            # The noise tree of torchsde is left out: plain normal numbers take its place.
            scheduler.noise_sampler = lambda *_: torch.randn(SHAPE, generator=generator)
        extra = {}
        if "generator" in scheduler.step.__code__.co_varnames:
            extra["generator"] = generator
        states = [sample]
        for index, timestep in enumerate(timesteps):
            output = model(scheduler.scale_model_input(sample, timestep), timestep.double())
            sample = scheduler.step(output, timestep, sample, **extra).prev_sample
            states.append(sample)
            if index + 1 < len(timesteps):
                noised.append(scheduler.add_noise(original(), noise, timesteps[index + 1 : index + 2]))
        self.tensors[f"{name}.timesteps"] = timesteps.float()
        self.tensors[f"{name}.states"] = torch.stack([state.flatten() for state in states])
        self.tensors[f"{name}.noised"] = torch.stack([each.flatten() for each in noised])


def timestep_spacings(cases, solver, class_name, steps=7):
    for spacing in ("leading", "linspace", "trailing"):
        cases.add(f"{solver}-{spacing}", class_name, steps, timestep_spacing=spacing)


def sigma_spacings(cases, solver, class_name, steps=7):
    for spacing in ("karras", "exponential", "beta"):
        cases.add(f"{solver}-{spacing}", class_name, steps, **{f"use_{spacing}_sigmas": True})


def predictions(cases, solver, class_name, kinds=("v", "sample"), zero_snr=True):
    for prediction in kinds:
        cases.add(f"{solver}/{prediction}", class_name, prediction=prediction)
    if zero_snr:
        cases.add(
            f"{solver}-trailing/zero-snr", class_name, prediction="v", zero_snr=True, timestep_spacing="trailing"
        )
    cases.add(f"{solver}/strength-0.6", class_name, 10, strength=0.6)
    cases.add(f"{solver}/20-steps", class_name, 20)
    cases.add(f"{solver}/1-step", class_name, 1)


def main():
    cases = Cases()
    for solver, class_name in {"ddim": "DDIMScheduler", "euler": "EulerDiscreteScheduler"}.items():
        timestep_spacings(cases, solver, class_name)
        predictions(cases, solver, class_name)
    sigma_spacings(cases, "euler", "EulerDiscreteScheduler")
    save_file(
        {name: tensor.contiguous() for name, tensor in cases.tensors.items()},
        HERE / "trajectories.safetensors",
        {"cases": json.dumps(cases.described), "diffusers": diffusers.__version__},
    )


if __name__ == "__main__":
    main()
