"""Makes the golden files beside this script: tiny seeded random checkpoints in every published key naming,
an input for each, and what PyTorch makes of it; and samples of what the shipped weights make of one picture.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

The networks below are the reference, as BasicSR and Real-ESRGAN define them but with any growth (spandrel,
the oracle for the shipped weights, knows 32 only). Before anything is written they are held against spandrel
at growth 32. Versions are in requirements.txt, the seed of each case is in its file's metadata. On the same
machine the same bytes come out every time.
"""

from pathlib import Path

import spandrel
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent
MODELS = HERE.parents[2] / "models"


class DenseBlock(nn.Module):
    def __init__(self, features: int, growth: int):
        super().__init__()
        for index in range(1, 6):
            out = features if index == 5 else growth
            self.add_module(f"conv{index}", nn.Conv2d(features + (index - 1) * growth, out, 3, 1, 1))

    def forward(self, x):
        maps = [x]
        for index in range(1, 5):
            maps.append(F.leaky_relu(self.get_submodule(f"conv{index}")(torch.cat(maps, 1)), 0.2))
        return self.conv5(torch.cat(maps, 1)) * 0.2 + x


class RRDB(nn.Module):
    def __init__(self, features: int, growth: int):
        super().__init__()
        for index in range(1, 4):
            self.add_module(f"rdb{index}", DenseBlock(features, growth))

    def forward(self, x):
        return self.rdb3(self.rdb2(self.rdb1(x))) * 0.2 + x


class RRDBNet(nn.Module):
    def __init__(self, channels=3, features=4, growth=2, blocks=2, upsamplings=2, unshuffle=1):
        super().__init__()
        self.unshuffle, self.upsamplings = unshuffle, upsamplings
        self.conv_first = nn.Conv2d(channels * unshuffle**2, features, 3, 1, 1)
        self.body = nn.Sequential(*[RRDB(features, growth) for _ in range(blocks)])
        self.conv_body = nn.Conv2d(features, features, 3, 1, 1)
        for up in range(1, upsamplings + 1):
            self.add_module(f"conv_up{up}", nn.Conv2d(features, features, 3, 1, 1))
        self.conv_hr = nn.Conv2d(features, features, 3, 1, 1)
        self.conv_last = nn.Conv2d(features, channels, 3, 1, 1)

    def forward(self, x):
        x = F.pixel_unshuffle(x, self.unshuffle)
        first = self.conv_first(x)
        x = first + self.conv_body(self.body(first))
        for up in range(1, self.upsamplings + 1):
            x = F.leaky_relu(
                self.get_submodule(f"conv_up{up}")(F.interpolate(x, scale_factor=2, mode="nearest")), 0.2
            )
        return self.conv_last(F.leaky_relu(self.conv_hr(x), 0.2))


class SRVGGNetCompact(nn.Module):
    def __init__(self, channels=3, features=8, convs=2, scale=4, slopes=None):
        super().__init__()
        self.scale = scale
        body = [nn.Conv2d(channels, features, 3, 1, 1), nn.PReLU(slopes or features)]
        for _ in range(convs):
            body += [nn.Conv2d(features, features, 3, 1, 1), nn.PReLU(slopes or features)]
        self.body = nn.Sequential(*body, nn.Conv2d(features, channels * scale**2, 3, 1, 1))

    def forward(self, x):
        return F.pixel_shuffle(self.body(x), self.scale) + F.interpolate(
            x, scale_factor=self.scale, mode="nearest"
        )


def trunk_names(key: str, blocks: int, upsamplings: int) -> str:
    """xinntao/ESRGAN, BSRGAN, Real-SR."""
    key = key.replace("body.", "RRDB_trunk.").replace(".rdb", ".RDB").replace("conv_RRDB_trunk", "trunk_conv")
    return key.replace("conv_up", "upconv").replace("conv_hr", "HRconv")


def sequence_names(key: str, blocks: int, upsamplings: int) -> str:
    """The first ESRGAN training code, and most community models."""
    if key.startswith("body."):
        _, block, rdb, conv, kind = key.split(".")
        return f"model.1.sub.{block}.{rdb.upper()}.{conv}.0.{kind}"
    name, kind = key.split(".")
    position = {
        "conv_first": "model.0",
        "conv_body": f"model.1.sub.{blocks}",
        "conv_hr": f"model.{3 * upsamplings + 2}",
        "conv_last": f"model.{3 * upsamplings + 4}",
    }
    return f"{position.get(name) or f'model.{3 * int(name[-1])}'}.{kind}"


def randomise(network: nn.Module, seed: int, dtype: torch.dtype) -> None:
    """Weights that keep a signal's size, rounded to what the file stores; the sums stay in float32."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 4:
                noise *= (2 / parameter[0].numel()) ** 0.5
            elif name.endswith("bias"):
                noise *= 0.1
            else:
                noise = 0.25 + 0.1 * noise
            parameter.copy_(noise.to(dtype).float())


def dump(case, network, *, seed, shape, dtype=torch.float32, names=None, prefix="", blocks=0, upsamplings=0):
    randomise(network, seed, dtype)
    image = torch.rand(shape, generator=torch.Generator().manual_seed(seed + 1))
    with torch.no_grad():
        upscaled = network(image)
    rename = names or (lambda key, blocks, upsamplings: key)
    state = {
        prefix + rename(key, blocks, upsamplings): value.to(dtype)
        for key, value in network.state_dict().items()
    }
    # One entry only: safetensors writes several in an order that changes from run to run.
    metadata = {"seed": str(seed)}
    save_file(state, HERE / f"{case}.safetensors", metadata)
    save_file({"image": image, "upscaled": upscaled}, HERE / f"{case}.golden.safetensors", metadata)
    print(f"{case}: {len(state)} tensors, {list(image.shape)} to {list(upscaled.shape)}")


def check_against_spandrel() -> None:
    cases = [
        RRDBNet(features=8, growth=32),
        RRDBNet(features=8, growth=32, unshuffle=2),
        RRDBNet(features=8, growth=32, unshuffle=4),
        SRVGGNetCompact(scale=4),
        SRVGGNetCompact(scale=2, convs=3),
    ]
    for network in cases:
        randomise(network, 1, torch.float32)
        oracle = spandrel.ModelLoader().load_from_state_dict(dict(network.state_dict())).model
        image = torch.rand((1, 3, 8, 12), generator=torch.Generator().manual_seed(2))
        with torch.no_grad():
            torch.testing.assert_close(network(image), oracle(image), atol=1e-5, rtol=1e-5)
    print(f"{len(cases)} networks equal to spandrel {spandrel.__version__}")


def drawn_picture(size: int = 24) -> torch.Tensor:
    """A sky, a sun, a hill with an edge and a striped post: flat areas, gradients, edges, fine lines."""
    y, x = torch.meshgrid(torch.linspace(0, 1, size), torch.linspace(0, 1, size), indexing="ij")
    picture = torch.stack([0.35 + 0.4 * y, 0.55 + 0.2 * y, 0.9 - 0.2 * y])
    sun = ((x - 0.7) ** 2 + (y - 0.25) ** 2 < 0.02).float()
    picture = picture * (1 - sun) + torch.tensor([0.98, 0.85, 0.4])[:, None, None] * sun
    hill = (y > 0.75 - 0.3 * torch.sin(3.0 * x)).float()
    picture = picture * (1 - hill) + torch.stack([0.15 + 0.2 * x, 0.4 + 0.1 * x, 0.1 + 0 * x]) * hill
    post = ((x > 0.2) & (x < 0.3) & (y > 0.1)).float()
    stripes = (torch.arange(size)[:, None] % 4 < 2).float().expand(size, size)
    picture = picture * (1 - post) + torch.stack([0.8 * stripes, 0.8 * stripes, 0.8 * stripes]) * post
    return picture[None].contiguous()


def dump_shipped(stride: int = 3) -> None:
    """Every third pixel both ways: enough to tell any wrong layer, and small."""
    image = drawn_picture()
    for file in sorted(MODELS.glob("*.safetensors")):
        network = spandrel.ModelLoader().load_from_state_dict(load_file(file)).model.float().eval()
        with torch.no_grad():
            upscaled = network(image)[:, :, ::stride, ::stride].contiguous()
        metadata = {"stride": str(stride)}
        save_file(
            {"image": image, "upscaled": upscaled}, HERE / f"shipped-{file.stem}.golden.safetensors", metadata
        )
        print(f"shipped-{file.stem}: {list(upscaled.shape)}")


torch.set_num_threads(1)
check_against_spandrel()
dump("rrdbnet-x4", RRDBNet(), seed=10, shape=(2, 3, 7, 5))
dump(
    "rrdbnet-x2-unshuffle",
    RRDBNet(features=6, growth=3, blocks=1, unshuffle=2),
    seed=20,
    shape=(1, 3, 6, 10),
    prefix="params_ema.",
)
dump(
    "rrdbnet-x1-unshuffle",
    RRDBNet(features=5, blocks=1, unshuffle=4),
    seed=30,
    shape=(1, 3, 8, 12),
    prefix="params.",
)
dump("rrdbnet-trunk-x4", RRDBNet(features=5, growth=3), seed=40, shape=(1, 3, 5, 7), names=trunk_names)
dump(
    "rrdbnet-sequence-x4-fp16",
    RRDBNet(features=6),
    seed=50,
    shape=(1, 3, 5, 7),
    dtype=torch.float16,
    names=sequence_names,
    blocks=2,
    upsamplings=2,
)
dump(
    "rrdbnet-sequence-x2-bf16",
    RRDBNet(blocks=3, upsamplings=1),
    seed=60,
    shape=(1, 3, 5, 7),
    dtype=torch.bfloat16,
    names=sequence_names,
    blocks=3,
    upsamplings=1,
)
dump(
    "rrdbnet-sequence-x8-grey",
    RRDBNet(channels=1, features=3, growth=2, blocks=1, upsamplings=3),
    seed=70,
    shape=(1, 1, 3, 5),
    names=sequence_names,
    blocks=1,
    upsamplings=3,
)
dump(
    "rrdbnet-sequence-x1",
    RRDBNet(features=4, growth=3, blocks=1, upsamplings=0),
    seed=80,
    shape=(1, 3, 5, 7),
    names=sequence_names,
    blocks=1,
    upsamplings=0,
)
dump("srvgg-x4", SRVGGNetCompact(), seed=90, shape=(2, 3, 5, 7))
dump(
    "srvgg-x2-fp16",
    SRVGGNetCompact(features=6, convs=4, scale=2),
    seed=100,
    shape=(1, 3, 9, 4),
    dtype=torch.float16,
)
dump(
    "srvgg-x3-one-slope",
    SRVGGNetCompact(features=5, convs=0, scale=3, slopes=1),
    seed=110,
    shape=(1, 3, 1, 1),
    prefix="params.",
)
dump_shipped()
