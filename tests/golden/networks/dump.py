"""Golden numbers for the networks of Stable Diffusion, from diffusers and transformers.

    pip install -r requirements.txt && python dump.py

For each case writes NAME.tensors.txt, a checkpoint's type, the gain
of its weights and the keys and shapes of its tensors, and NAME.golden.safetensors, what
goes into its networks and what comes out. The weights themselves are a function of key and shape.
"""

import math
import re
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, LatentConsistencyModelPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from synthetic_weights import weights

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[2] / "models/train"))

from published_keys import unet_key, vae_key  # noqa: E402


def old_vae_key(key: str) -> str:
    """diffusers before 0.17."""
    for new, old in {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}.items():
        key = key.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
    return key


OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}


def open_clip_key(key: str) -> str:
    key = key.removeprefix("text_model.")
    key = key.replace("embeddings.token_embedding", "token_embedding").replace("final_layer_norm", "ln_final")
    key = key.replace("embeddings.position_embedding.weight", "positional_embedding")
    key = key.replace("encoder.layers", "transformer.resblocks")
    for new, old in OPEN_CLIP.items():
        key = key.replace(new, old)
    return key


class Case:
    """A checkpoint in the making: every tensor under its published key, and the module's parameter filled to match."""

    def __init__(self, name: str, dtype: str = "F32", gain: float = 1):
        self.name, self.dtype, self.gain = name, dtype, gain
        self.tensors: dict[str, list[int]] = {}
        self.golden: dict[str, torch.Tensor] = {}

    def fill(self, module, rename, shapes=lambda key, shape: shape):
        """Gives a module the weights of its keys. `rename` of a key may be None where a file does not have it."""
        state = {}
        for key, value in module.state_dict().items():
            published = rename(key)
            shape = list(shapes(key, list(value.shape)))
            self.tensors[published] = shape
            state[key] = torch.from_numpy(weights(published, shape, self.gain)).reshape(value.shape)
        module.load_state_dict(state)
        return module.eval()

    def fill_open_clip(self, text, prefix: str):
        """The rows of query, key and value are stored as one, and the projection of a whole prompt is transposed."""
        layers, width = text.config.num_hidden_layers, text.config.hidden_size
        state = {}
        for key, value in text.state_dict().items():
            if re.search(r"\.[qkv]_proj\.", key):
                continue
            if key == "text_projection.weight":
                published = prefix + "text_projection"
                self.tensors[published] = list(value.shape[::-1])
                state[key] = torch.from_numpy(weights(published, list(value.shape[::-1]), self.gain)).T.contiguous()
                continue
            published = prefix + open_clip_key(key)
            self.tensors[published] = list(value.shape)
            state[key] = torch.from_numpy(weights(published, list(value.shape), self.gain))
        for layer in range(layers):
            for kind, shape in (("weight", [3 * width, width]), ("bias", [3 * width])):
                published = f"{prefix}transformer.resblocks.{layer}.attn.in_proj_{kind}"
                self.tensors[published] = shape
                parts = torch.from_numpy(weights(published, shape, self.gain)).chunk(3)
                for letter, part in zip("qkv", parts):
                    state[f"text_model.encoder.layers.{layer}.self_attn.{letter}_proj.{kind}"] = part
        text.load_state_dict(state)
        return text.eval()

    def extra(self, key: str, shape: list[int]):
        """A tensor that published files have and no network reads."""
        self.tensors[key] = shape

    def save(self):
        lines = [" ".join([key, *map(str, shape)]) for key, shape in self.tensors.items()]
        (HERE / f"{self.name}.tensors.txt").write_text("\n".join([f"{self.dtype} {self.gain}", *lines]) + "\n")
        save_file({key: value.contiguous() for key, value in self.golden.items()}, HERE / f"{self.name}.golden.safetensors")
        count = sum(math.prod(shape) for shape in self.tensors.values())
        print(f"{self.name}: {len(self.tensors)} tensors, {count} numbers")


def random(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def new_unet(
    widths, *, channels=4, context=64, layers=1, linear=False, depth=1, attention=None, heads=None, guidance=None, label=None
):
    attention = attention or [True] * (len(widths) - 1) + [False]
    return UNet2DConditionModel(
        in_channels=channels,
        out_channels=4,
        layers_per_block=layers,
        block_out_channels=widths,
        cross_attention_dim=context,
        transformer_layers_per_block=depth,
        attention_head_dim=heads or ([width // 64 for width in widths] if linear else 8),
        time_cond_proj_dim=guidance,
        use_linear_projection=linear,
        addition_embed_type="text_time" if label else None,
        addition_time_embed_dim=256 if label else None,
        projection_class_embeddings_input_dim=label,
        down_block_types=["CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attention],
        up_block_types=["CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attention)],
    )


def new_vae(widths, *, layers=1):
    return AutoencoderKL(
        block_out_channels=widths,
        layers_per_block=layers,
        latent_channels=4,
        down_block_types=["DownEncoderBlock2D"] * len(widths),
        up_block_types=["UpDecoderBlock2D"] * len(widths),
    )


def new_text(width, *, layers, heads, inner, activation="quick_gelu", pooled=None):
    return (CLIPTextModelWithProjection if pooled else CLIPTextModel)(
        CLIPTextConfig(
            projection_dim=pooled or 512,
            vocab_size=99,
            hidden_size=width,
            intermediate_size=inner,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            hidden_act=activation,
            bos_token_id=97,
            eos_token_id=98,
        )
    )


@torch.no_grad()
def run_unet(case: Case, unet, *, seed, batch=2, height=6, width=5, timestep=981.0, words=77):
    sample = random(seed, batch, unet.config.in_channels, height, width)
    context = random(seed + 1, batch, words, unet.config.cross_attention_dim)
    case.golden |= {
        "sample": sample,
        "timestep": torch.tensor([timestep]),
        "encoder_hidden_states": context,
        "noise_pred": unet(sample, timestep, context).sample,
    }


@torch.no_grad()
def run_guided_unet(case: Case, unet, *, seed, scale):
    """A network that is told how strongly the prompt guides."""
    told = LatentConsistencyModelPipeline.get_guidance_scale_embedding(
        None, torch.tensor([scale - 1]), embedding_dim=unet.config.time_cond_proj_dim
    )
    sample, context = random(seed, 2, 4, 4, 4), random(seed + 1, 2, 7, unet.config.cross_attention_dim)
    case.golden |= {
        "sample": sample,
        "timestep": torch.tensor([759.0]),
        "encoder_hidden_states": context,
        "timestep_cond": told,
        "guidance_scale": torch.tensor([scale]),
        "noise_pred": unet(sample, 759, context, timestep_cond=told.expand(2, -1)).sample,
    }


@torch.no_grad()
def run_labelled_unet(case: Case, unet, *, seed, pooled, sizes, height=6, width=5, words=7):
    """SDXL: told the prompt as a whole and sizes, each text of a batch its own."""
    batch = len(sizes)
    sample, context = random(seed, batch, unet.config.in_channels, height, width), random(seed + 1, batch, words, unet.config.cross_attention_dim)
    text, time_ids = random(seed + 2, batch, pooled), torch.tensor(sizes, dtype=torch.float32)
    waves = unet.add_time_proj(time_ids.flatten()).reshape(batch, -1)
    case.golden |= {
        "sample": sample,
        "timestep": torch.tensor([613.0]),
        "encoder_hidden_states": context,
        "text_embeds": text,
        "time_ids": time_ids,
        "added_conditioning": torch.cat([text, waves], -1),
        "noise_pred": unet(sample, 613, context, added_cond_kwargs={"text_embeds": text, "time_ids": time_ids}).sample,
    }


@torch.no_grad()
def run_xl_text(case: Case, texts, *, seed):
    """Both text encoders, each read as a layer leaves it, and the whole prompt from where it ends."""
    ids = torch.randint(0, 97, (2, 77), generator=torch.Generator().manual_seed(seed))
    ids[0, 5:] = 98
    ids[1, 76] = 98
    case.golden["input_ids"] = ids.int()
    case.golden["end"] = torch.nn.functional.one_hot(torch.tensor([[5], [76]]), 77).float()
    for index, text in enumerate(texts):
        out = text(input_ids=ids, output_hidden_states=True)
        # One layer at least is left.
        for skip in range(1, min(3, text.config.num_hidden_layers)):
            case.golden[f"encoder{index}.hidden_states.skip{skip}"] = out.hidden_states[-skip - 1]
        if hasattr(text, "text_projection"):
            case.golden[f"encoder{index}.pooled"] = out.text_embeds[:, None]


@torch.no_grad()
def run_vae(case: Case, vae, *, seed, batch=1, height=3, width=5):
    latent = random(seed, batch, 4, height, width)
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    image = random(seed + 1, batch, 3, height * scale, width * scale).clamp(-1, 1)
    case.golden |= {"latent": latent, "decoded": vae.decode(latent).sample}
    case.golden |= {"image": image, "moments": vae.encode(image).latent_dist.parameters}


@torch.no_grad()
def run_text(case: Case, text, *, seed, before_last=0):
    ids = torch.randint(0, 99, (2, 77), generator=torch.Generator().manual_seed(seed))
    case.golden["input_ids"] = ids.int()
    hidden = text(input_ids=ids, output_hidden_states=True).hidden_states
    for skip in (1, 2):
        case.golden[f"hidden_states.skip{skip}"] = text.text_model.final_layer_norm(hidden[-skip - before_last])


def conv_shapes(key, shape):
    """The linear layers of an attention as the 1 x 1 convolutions that LDM stores."""
    return shape + [1, 1] if "attentions" in key and len(shape) == 2 and "norm" not in key else shape


def single_file(case: Case, unet, vae, text, *, open_clip=False):
    case.fill(unet, lambda key: "model.diffusion_model." + unet_key(key, unet))
    levels = len(vae.config.block_out_channels)
    case.fill(vae, lambda key: "first_stage_model." + vae_key(key, levels), conv_shapes)
    if open_clip:
        case.fill_open_clip(text, "cond_stage_model.model.")
    else:
        case.fill(text, lambda key: "cond_stage_model.transformer." + key)


def dump_sd1():
    case = Case("sd1")
    unet = new_unet((32, 64), context=64)
    vae, text = new_vae((32, 64)), new_text(64, layers=2, heads=1, inner=128)
    single_file(case, unet, vae, text)
    case.extra("cond_stage_model.transformer.text_model.embeddings.position_ids", [1, 77])
    case.extra("alphas_cumprod", [10])
    case.extra("model_ema.decay", [])
    run_unet(case, unet, seed=1)
    run_vae(case, vae, seed=2)
    run_text(case, text, seed=3)
    case.save()


def dump_sd2():
    """Linear projections, heads of 64, text from the layer before the last, float16."""
    case = Case("sd2-fp16", "F16")
    unet = new_unet((64, 128), context=128, linear=True)
    vae, text = new_vae((32, 32, 64)), new_text(128, layers=3, heads=2, inner=160, activation="gelu")
    single_file(case, unet, vae, text, open_clip=True)
    case.extra("cond_stage_model.model.text_projection", [128, 128])
    case.extra("cond_stage_model.model.logit_scale", [])
    run_unet(case, unet, seed=11, height=5, width=4, words=77)
    run_vae(case, vae, seed=12, height=3, width=2)
    # Skip 1 is where the model was trained to be read: one before the last.
    run_text(case, text, seed=13, before_last=1)
    case.save()


def dump_inpainting():
    """Nine channels, four levels of two blocks, sizes that do not halve, two windows of text, bfloat16."""
    case = Case("inpainting-bf16", "BF16")
    unet = new_unet((32, 32, 64, 64), channels=9, context=40, layers=2)
    case.fill(unet, lambda key: "model.diffusion_model." + unet_key(key, unet))
    run_unet(case, unet, seed=21, batch=1, height=13, width=9, timestep=0.25, words=154)
    case.save()


def dump_depth():
    """Deeper transformers, attention at every level, 24-wide heads, one level: what fine-tunes could be."""
    case = Case("deep-transformers")
    unet = new_unet((96, 192), context=24, depth=2, attention=[False, True])
    case.fill(unet, lambda key: "model.diffusion_model." + unet_key(key, unet))
    run_unet(case, unet, seed=31, batch=3, height=4, width=2, timestep=500.0, words=3)
    case.save()


def dump_wide():
    """Wide enough for Winograd's convolutions, at odd sizes."""
    case = Case("wide")
    unet = new_unet((192, 192, 192), context=32, layers=1)
    case.fill(unet, lambda key: "model.diffusion_model." + unet_key(key, unet))
    run_unet(case, unet, seed=33, batch=2, height=11, width=14, words=5)
    case.save()


def dump_faint():
    """Signals so small that the epsilon of every norm shows."""
    case = Case("faint", gain=1 / 16)
    unet, vae = new_unet((32, 32), context=32), new_vae((32, 32))
    text = new_text(32, layers=1, heads=4, inner=32)
    single_file(case, unet, vae, text)
    run_unet(case, unet, seed=81, batch=1, height=4, width=4)
    run_vae(case, vae, seed=82, height=2, width=3)
    case.save()


def dump_diffusers():
    """The files of a diffusers folder, each with keys of its own; here joined under the folder's names."""
    case = Case("diffusers-pix2pix")
    unet = new_unet((32, 64, 64), channels=8, context=32, layers=1)
    vae, text = new_vae((32, 64), layers=2), new_text(32, layers=2, heads=4, inner=37)
    case.fill(unet, lambda key: f"unet.{key}")
    case.fill(vae, lambda key: f"vae.{key}")
    case.fill(text, lambda key: f"text_encoder.{key}")
    case.extra("text_encoder.text_model.embeddings.position_ids", [1, 77])
    run_unet(case, unet, seed=41, height=6, width=7, timestep=1.0)
    run_vae(case, vae, seed=42, height=4, width=3)
    run_text(case, text, seed=43)
    case.save()

    case = Case("diffusers-unet-linear")
    unet = new_unet((64, 64), context=48, linear=True)
    case.fill(unet, lambda key: key)
    run_unet(case, unet, seed=51, batch=1, height=4, width=4)
    case.save()


def dump_heads():
    """Numbers of heads that only a folder's configuration tells: by level, of one width too, and of the text encoder."""
    case = Case("diffusers-heads")
    unet = new_unet((32, 32, 64), context=32, layers=1, heads=[1, 2, 16])
    text = new_text(32, layers=2, heads=2, inner=64, activation="gelu")
    case.fill(unet, lambda key: f"unet.{key}")
    case.fill(text, lambda key: f"text_encoder.{key}")
    run_unet(case, unet, seed=91, batch=1, height=4, width=8)
    run_text(case, text, seed=93)
    case.save()


def dump_guided():
    case = Case("lcm")
    unet = new_unet((32, 64), context=24, guidance=20)
    case.fill(unet, lambda key: f"unet.{key}")
    run_guided_unet(case, unet, seed=101, scale=8.5)
    case.save()


def dump_sdxl():
    """No transformers at the picture's size, deeper ones further down, two text encoders; in one file, float16."""
    case = Case("sdxl", "F16")
    pooled = 96
    unet = new_unet((64, 64, 128), context=64 + 128, linear=True, depth=(1, 2, 3), attention=[False, True, True], label=pooled + 6 * 256)
    first = new_text(64, layers=3, heads=1, inner=96)
    second = new_text(128, layers=3, heads=2, inner=160, activation="gelu", pooled=pooled)
    case.fill(unet, lambda key: "model.diffusion_model." + unet_key(key, unet))
    case.fill(first, lambda key: "conditioner.embedders.0.transformer." + key)
    case.fill_open_clip(second, "conditioner.embedders.1.model.")
    case.extra("conditioner.embedders.0.transformer.text_model.embeddings.position_ids", [1, 77])
    case.extra("conditioner.embedders.1.model.logit_scale", [])
    sizes = [[1024, 768, 0, 0, 1024, 768], [512, 512, 8, 16, 832, 1216]]
    run_labelled_unet(case, unet, seed=111, pooled=pooled, sizes=sizes)
    run_xl_text(case, [first, second], seed=114)
    case.save()


def dump_sdxl_refiner():
    """One text encoder, four levels with transformers at those between, an aesthetic score."""
    case = Case("sdxl-refiner")
    pooled = 64
    attention = [False, True, True, False]
    unet = new_unet((64, 64, 128, 64), context=64, linear=True, depth=2, attention=attention, label=pooled + 5 * 256)
    text = new_text(64, layers=2, heads=1, inner=96, activation="gelu", pooled=pooled)
    case.fill(unet, lambda key: "model.diffusion_model." + unet_key(key, unet))
    case.fill_open_clip(text, "conditioner.embedders.0.model.")
    run_labelled_unet(case, unet, seed=121, pooled=pooled, sizes=[[1024, 1024, 0, 0, 6.0], [1024, 1024, 0, 0, 2.5]], height=9, width=8)
    run_xl_text(case, [text], seed=124)
    case.save()


def dump_diffusers_sdxl():
    """A folder's files joined: the projection of a whole prompt is stored transposed; nine channels."""
    case = Case("diffusers-sdxl")
    pooled = 48
    unet = new_unet((32, 64), channels=9, context=32 + 64, linear=True, depth=(1, 2), attention=[False, True], heads=[2, 4],
                    label=pooled + 6 * 256)  # fmt: skip
    first = new_text(32, layers=2, heads=4, inner=37)
    second = new_text(64, layers=2, heads=1, inner=40, activation="gelu", pooled=pooled)
    case.fill(unet, lambda key: f"unet.{key}")
    case.fill(first, lambda key: f"text_encoder.{key}")
    case.fill(second, lambda key: f"text_encoder_2.{key}")
    run_labelled_unet(case, unet, seed=131, pooled=pooled, sizes=[[640, 1536, 0, 0, 640, 1536]], height=4, width=8, words=77)
    run_xl_text(case, [first, second], seed=134)
    case.save()


def dump_autoencoders():
    """Files of an autoencoder alone."""
    case = Case("vae-ldm")
    vae = new_vae((32, 32, 32, 64))
    case.fill(vae, lambda key: vae_key(key, 4), conv_shapes)
    case.extra("loss.logvar", [])
    run_vae(case, vae, seed=61, batch=2, height=1, width=2)
    case.save()

    case = Case("vae-diffusers-old", "F16")
    vae = new_vae((32, 64))
    case.fill(vae, old_vae_key)
    run_vae(case, vae, seed=62)
    case.save()


@torch.no_grad()
def dump_taesd():
    """The decoder alone, in the published names and in those of diffusers."""
    for name, rename in (
        ("taesd", lambda key: f"{int(key.split('.')[2]) + 1}." + key.split(".", 3)[3]),
        ("taesd-diffusers", lambda key: key),
    ):
        case = Case(name)
        tiny = AutoencoderTiny(
            encoder_block_out_channels=(16,) * 4,
            decoder_block_out_channels=(16,) * 4,
            num_decoder_blocks=(3, 3, 3, 1),
        )
        case.fill(tiny.decoder, lambda key: rename(f"decoder.{key}"))
        latent = random(71, 2, 4, 3, 2) * 3
        case.golden |= {"latent": latent, "preview": tiny.decode(latent).sample}
        case.save()


if __name__ == "__main__":
    torch.set_num_threads(1)
    dump_sd1()
    dump_sd2()
    dump_inpainting()
    dump_depth()
    dump_wide()
    dump_faint()
    dump_diffusers()
    dump_heads()
    dump_guided()
    dump_sdxl()
    dump_sdxl_refiner()
    dump_diffusers_sdxl()
    dump_autoencoders()
    dump_taesd()
