"""Makes trajectories.safetensors beside this script: whole runs of diffusers' schedulers with a fixed "model".

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

Where diffusers has no such scheduler (DPM++ 2S ancestral), or an incorrect one (the third-order SDE of
DPMSolverMultistepScheduler has a sign wrong in 0.35.2), k-diffusion is run on the noise levels of diffusers. Brownian
trees are left out: plain normal numbers take their place.

The model is a formula, `model` below, that any port can compute. Each case of the metadata has the tensors
`NAME.timesteps`, `NAME.states` (the first latent, then the latent after each model call) and, where the case says so,
`NAME.noised` (add_noise before each model call). Latents are 1x4x2x3; all noise comes from one torch CPU generator,
seeded with the case's number: the first latent (or the noise added to the original), then what the scheduler draws.
"""

import json
import math
from pathlib import Path

import diffusers
import numpy as np
import torch
from k_diffusion import sampling
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

    def add(
        self,
        name,
        class_name,
        steps=7,
        prediction="epsilon",
        strength=1.0,
        zero_snr=False,
        sgm_uniform=False,
        timesteps=None,
        sampler=None,
        **config,
    ):
        """Runs `class_name` configured as published, but for `config`, as the pipelines of diffusers run it.

        With `timesteps` of its own, those are its steps."""
        seed = len(self.described)
        scheduler_class = getattr(diffusers, class_name)
        settings = {**PUBLISHED, "prediction_type": PREDICTIONS[prediction], **config}
        if zero_snr:
            settings["rescale_betas_zero_snr"] = True
        scheduler = scheduler_class.from_config(settings)
        generator = torch.Generator().manual_seed(seed)
        if timesteps is None:
            scheduler.set_timesteps(steps)
        else:
            steps = len(timesteps)
            scheduler.set_timesteps(timesteps=timesteps)
        if sgm_uniform:
            scheduler.set_timesteps(sigmas=sgm_uniform_sigmas(scheduler, steps))
        if sampler is None:
            self.run(name, scheduler, steps, generator, strength)
        else:
            self.run_k_diffusion(name, sampler, scheduler, steps, generator, strength)
        self.described.append(
            {
                "name": name,
                "steps": steps,
                "predictionType": PREDICTIONS[prediction],
                "strength": strength,
                "rescaleZeroTerminalSnr": zero_snr,
                "seed": seed,
                **({} if timesteps is None else {"timesteps": timesteps}),
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
        self.keep(name, timesteps, states, noised)

    def run_k_diffusion(self, name, sampler, scheduler, steps, generator, strength):
        """Latents are brought to unit variance at each model call where `scheduler` keeps them so."""
        skipped = steps - min(int(steps * strength), steps)
        # Scalars in float64: differences of logarithms of near levels lose too much in float32.
        sigmas = scheduler.sigmas[skipped:].double()
        whole = dict(zip(sigmas.tolist(), scheduler.timesteps[skipped:].tolist()))
        log_sigmas = np.log(table_of_sigmas(scheduler))
        unit_variance = not hasattr(type(scheduler), "init_noise_sigma")
        timesteps, states = [], []

        def to_unit(x, sigma):
            return x / (sigma**2 + 1) ** 0.5

        def denoiser(x, sigma):
            sigma = sigma[0]
            timestep = whole.get(sigma.item())
            if timestep is None:
                timestep = float(scheduler._sigma_to_t(sigma.numpy(), log_sigmas))
            timesteps.append(timestep)
            states.append(to_unit(x, sigma) if unit_variance else x)
            output = model(to_unit(x, sigma), timestep)
            if scheduler.config.prediction_type == "epsilon":
                return x - sigma * output
            return x / (sigma**2 + 1) - output * sigma / (sigma**2 + 1) ** 0.5

        noise = torch.randn(SHAPE, generator=generator)
        if strength < 1:
            sample = original() + sigmas[0] * noise
        elif unit_variance:
            sample = noise * (sigmas[0] ** 2 + 1) ** 0.5
        else:
            sample = noise * scheduler.init_noise_sigma
        states.append(
            sampler(denoiser, sample, sigmas, noise_sampler=lambda *_: torch.randn(SHAPE, generator=generator), disable=True)
        )
        self.keep(name, torch.tensor(timesteps), states, None)

    def keep(self, name, timesteps, states, noised):
        self.tensors[f"{name}.timesteps"] = timesteps.float()
        self.tensors[f"{name}.states"] = torch.stack([state.flatten().float() for state in states])
        if noised is not None:
            self.tensors[f"{name}.noised"] = torch.stack([each.flatten() for each in noised])


def table_of_sigmas(scheduler):
    return (((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod) ** 0.5).numpy()


def sgm_uniform_sigmas(scheduler, steps):
    """As A1111 and ComfyUI have it: on the line of the logarithms."""
    table = table_of_sigmas(scheduler)
    timesteps = np.linspace(len(table) - 1, 0, steps + 1)[:-1]
    return [*np.exp(np.interp(timesteps, np.arange(len(table)), np.log(table))), 0.0]


def timestep_spacings(cases, solver, class_name, **config):
    for spacing in ("leading", "linspace", "trailing"):
        cases.add(f"{solver}-{spacing}", class_name, timestep_spacing=spacing, **config)


def sigma_spacings(cases, solver, class_name, **config):
    for spacing in ("karras", "exponential", "beta"):
        cases.add(f"{solver}-{spacing}", class_name, **{f"use_{spacing}_sigmas": True}, **config)


def runs(cases, solver, class_name, kinds=("v", "sample"), **config):
    for prediction in kinds:
        cases.add(f"{solver}/{prediction}", class_name, prediction=prediction, **config)
    cases.add(f"{solver}/strength-0.6", class_name, 10, strength=0.6, **config)
    cases.add(f"{solver}/20-steps", class_name, 20, **config)
    # k-diffusion's third order fails at a single step.
    if config.get("sampler") is not sampling.sample_dpmpp_3m_sde:
        cases.add(f"{solver}/1-step", class_name, 1, **config)


def zero_snr(cases, solver, class_name, spacing="-trailing", **config):
    cases.add(
        f"{solver}{spacing}/zero-snr",
        class_name,
        prediction="v",
        zero_snr=True,
        timestep_spacing="trailing",
        **config,
    )


def custom_timesteps(cases, solver, class_name, **config):
    """Those that DMD2 and Hyper-SDXL's one-step U-Nets were distilled for, and others between."""
    # k-diffusion's third order fails at a single step.
    if config.get("sampler") is not sampling.sample_dpmpp_3m_sde:
        cases.add(f"{solver}/timesteps-800", class_name, timesteps=[800], **config)
    cases.add(f"{solver}/timesteps-999-749-499-249", class_name, timesteps=[999, 749, 499, 249], **config)
    cases.add(f"{solver}/timesteps-0.6", class_name, timesteps=[850, 610, 399, 57, 0], strength=0.6, **config)


def main():
    cases = Cases()
    # On whole timesteps.
    for solver, class_name in {"ddim": "DDIMScheduler", "ddpm": "DDPMScheduler"}.items():
        timestep_spacings(cases, solver, class_name)
        runs(cases, solver, class_name)
        zero_snr(cases, solver, class_name)
    timestep_spacings(cases, "pndm", "PNDMScheduler")
    runs(cases, "pndm", "PNDMScheduler", kinds=["v"])
    for solver, class_name in {"lcm": "LCMScheduler", "tcd": "TCDScheduler"}.items():
        runs(cases, solver, class_name)
        zero_snr(cases, solver, class_name, spacing="")
    # On noise levels, latents of growing variance.
    timestep_spacings(cases, "euler", "EulerDiscreteScheduler")
    cases.add("euler-sgm-uniform", "EulerDiscreteScheduler", sgm_uniform=True, timestep_spacing="trailing")
    runs(cases, "euler", "EulerDiscreteScheduler")
    zero_snr(cases, "euler", "EulerDiscreteScheduler")
    sigma_spacings(cases, "euler", "EulerDiscreteScheduler")
    timestep_spacings(cases, "euler-ancestral", "EulerAncestralDiscreteScheduler")
    runs(cases, "euler-ancestral", "EulerAncestralDiscreteScheduler", kinds=["v"])
    zero_snr(cases, "euler-ancestral", "EulerAncestralDiscreteScheduler")
    for solver, class_name, kinds in (
        ("lms", "LMSDiscreteScheduler", ["v", "sample"]),
        ("heun", "HeunDiscreteScheduler", ["v", "sample"]),
        ("dpm2", "KDPM2DiscreteScheduler", ["v"]),
        ("dpm2-ancestral", "KDPM2AncestralDiscreteScheduler", ["v"]),
        ("dpmpp-sde", "DPMSolverSDEScheduler", ["v"]),
    ):
        timestep_spacings(cases, solver, class_name)
        sigma_spacings(cases, solver, class_name)
        runs(cases, solver, class_name, kinds)
    two_s = {"sampler": sampling.sample_dpmpp_2s_ancestral}
    timestep_spacings(cases, "dpmpp-2s-ancestral", "EulerDiscreteScheduler", **two_s)
    sigma_spacings(cases, "dpmpp-2s-ancestral", "EulerDiscreteScheduler", **two_s)
    runs(cases, "dpmpp-2s-ancestral", "EulerDiscreteScheduler", ["v"], **two_s)
    # On noise levels, latents of unit variance.
    for solver, class_name, config in (
        ("dpmpp-2m", "DPMSolverMultistepScheduler", {}),
        ("dpmpp-2m-sde", "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
        ("unipc", "UniPCMultistepScheduler", {}),
        ("deis", "DEISMultistepScheduler", {}),
    ):
        timestep_spacings(cases, solver, class_name, **config)
        sigma_spacings(cases, solver, class_name, **config)
        runs(cases, solver, class_name, **config)
        if solver != "deis":
            zero_snr(cases, solver, class_name, **config)
    three_m = {"sampler": sampling.sample_dpmpp_3m_sde}
    timestep_spacings(cases, "dpmpp-3m-sde", "DPMSolverMultistepScheduler", **three_m)
    sigma_spacings(cases, "dpmpp-3m-sde", "DPMSolverMultistepScheduler", **three_m)
    runs(cases, "dpmpp-3m-sde", "DPMSolverMultistepScheduler", ["v"], **three_m)
    # On timesteps of the caller's own, where diffusers takes them.
    for solver, class_name, config in (
        ("lcm", "LCMScheduler", {}),
        ("tcd", "TCDScheduler", {}),
        ("ddpm", "DDPMScheduler", {}),
        ("euler", "EulerDiscreteScheduler", {}),
        ("euler-trailing", "EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
        ("heun", "HeunDiscreteScheduler", {}),
        ("dpmpp-2m", "DPMSolverMultistepScheduler", {}),
        ("dpmpp-2m-sde", "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
        ("dpmpp-3m-sde", "DPMSolverMultistepScheduler", three_m),
    ):
        custom_timesteps(cases, solver, class_name, **config)
    save_file(
        {name: tensor.contiguous() for name, tensor in cases.tensors.items()},
        HERE / "trajectories.safetensors",
        {"cases": json.dumps(cases.described)},
    )


if __name__ == "__main__":
    main()
