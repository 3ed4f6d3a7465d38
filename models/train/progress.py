"""Training state that survives a kill at any time: parameters, averages, optimiser and step, written atomically."""
from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from muon import optimisers_of

SAVE_SECONDS = 180
REPORT_STEPS = 25


def write(path: Path, value: object) -> None:
    """Saves so that the file at path is always whole."""
    partial = path.with_name(path.name + ".part")
    torch.save(value, partial)
    os.replace(partial, path)


def cosine_rate(step: int, total: int, peak: float, warmup: int = 40) -> float:
    """The learning rate at one step: linear warm-up, then half a cosine down to a fiftieth of the peak."""
    along = min(1.0, step / total)
    return peak * min(1.0, (step + 1) / warmup) * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * along)))


def stable_rate(step: int, total: int, peak: float, decay_share: float, warmup: int = 60) -> float:
    """The learning rate at one step: linear warm-up, constant, and in the last share of the steps down to nothing.

    The total may be raised between runs as long as the descent has not begun.
    """
    left = (total - step) / (total * decay_share)
    return peak * min(1.0, (step + 1) / warmup, max(0.01, left))


class Training:
    """One stage's networks with Muon and AdamW and an exponential moving average of the parameters.

    The state is everything that the next step depends on; every random choice of a step
    follows from its number, so a run that was killed goes on as if it had not been.
    A step's batch is computed in two halves, side by side where a second process helps
    (two processes of one thread each are faster than two threads); the result is the same.
    """

    def __init__(self, path: Path, networks: dict[str, torch.nn.Module], decay: float, loss_of: Callable[[int, int], torch.Tensor]):
        """loss_of(step, half) is the mean loss of half 0 or 1 of a step's batch."""
        self.path, self.networks, self.decay, self.loss_of = path, networks, decay, loss_of
        self.params = [p for network in networks.values() for p in network.parameters()]
        self.optimisers = optimisers_of(networks)
        self.average = [p.detach().clone() for p in self.params]
        self.step, self.saved_at, self.stopping, self.helper = 0, time.time(), False, None
        if path.exists():
            state = torch.load(path, weights_only=True)
            for name, network in networks.items():
                network.load_state_dict(state[name])
            for optimiser, saved in zip(self.optimisers, state["optimisers"]):
                optimiser.load_state_dict(saved)
            self.average, self.step = state["average"], state["step"]

    def start_helper(self) -> None:
        """Forks a process that computes every step's second half on the same parameters, in shared memory."""
        for p in self.params:
            p.data = p.data.share_memory_()
        self.shared = [torch.zeros_like(p).share_memory_() for p in self.params]
        context = multiprocessing.get_context("fork")
        self.helper, far = context.Pipe()
        context.Process(target=self._help, args=(far,), daemon=True).start()
        far.close()

    def _help(self, pipe: Connection) -> None:
        self.helper.close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for p, shared in zip(self.params, self.shared):
            p.grad = shared
        try:
            while True:
                step = pipe.recv()
                torch._foreach_zero_(self.shared)
                loss = self.loss_of(step, 1)
                (loss / 2).backward()
                pipe.send(loss.item())
        except EOFError:  # the other process is gone
            return

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def advance(self, rate: float) -> float:
        """One optimiser step; its loss. Raises FloatingPointError before a loss that is not finite can spoil the state."""
        signal.signal(signal.SIGTERM, self._stop)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.zero_grad()
        if self.helper:
            self.helper.send(self.step)
        first = self.loss_of(self.step, 0)
        (first / 2).backward()
        if self.helper:
            second = self.helper.recv()
            torch._foreach_add_([p.grad for p in self.params], self.shared)
        else:
            loss = self.loss_of(self.step, 1)
            (loss / 2).backward()
            second = loss.item()
        mean = (first.item() + second) / 2
        if not math.isfinite(mean):
            raise FloatingPointError(f"loss is {mean} at step {self.step}")
        torch.nn.utils.clip_grad_norm_(self.params, 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        decay = min(self.decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self.params], 1 - decay)
        self.step += 1
        if self.stopping or time.time() - self.saved_at > SAVE_SECONDS:
            self.save()
        if self.stopping:
            raise SystemExit(f"stopped at step {self.step}; the state is saved")
        return mean

    def save(self) -> None:
        write(self.path, {**{name: network.state_dict() for name, network in self.networks.items()},
                          "optimisers": [optimiser.state_dict() for optimiser in self.optimisers], "average": self.average, "step": self.step})
        self.saved_at = time.time()

    def close(self) -> None:
        """Ends the helper; the state stays as it is."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if self.helper:
            self.helper.close()
            self.helper = None

    def averaged(self) -> "Averaged":
        """A context in which the networks hold their averaged parameters."""
        return Averaged(self)


class Averaged:
    def __init__(self, training: Training):
        self.training = training

    @torch.no_grad()
    def __enter__(self) -> None:
        self.backup = [p.detach().clone() for p in self.training.params]
        for p, average in zip(self.training.params, self.training.average):
            p.copy_(average)

    @torch.no_grad()
    def __exit__(self, *_: object) -> None:
        for p, saved in zip(self.training.params, self.backup):
            p.copy_(saved)


def train_on(training: Training, name: str, *, steps: int, peak_rate: float, decay_share: float, batch: int, export: Callable[[], None], export_steps: int) -> None:
    """Trains up to the given step at stable_rate, exporting what there is now and then, and ends the training."""
    mean, since, begun = 0.0, time.time(), training.step
    while training.step < steps:
        loss = training.advance(stable_rate(training.step, steps, peak_rate, decay_share))
        mean = mean * 0.98 + loss * 0.02 if mean else loss
        if training.step % REPORT_STEPS == 0:
            speed = (training.step - begun) * batch / (time.time() - since)
            print(f"{name} {training.step}/{steps} loss {mean:.4f} {speed:.1f} samples/s", flush=True)
        if training.step % export_steps == 0:
            export()
    training.save()
    training.close()
    export()
    print(f"{name} finished at step {training.step}", flush=True)
