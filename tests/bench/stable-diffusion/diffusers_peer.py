"""diffusers' side of the benchmark, on PyTorch's CPU: the same checkpoint, through its own reader of single files.

    python diffusers_peer.py float32|bfloat16 THREADS

Needs torch, diffusers, transformers, accelerate and safetensors. The first line written is `ready` or why it cannot be
run. A line read is `load` with a checkpoint, `loras` with the files of those to use in place of all before (needs peft), `step`
with a side in pixels and a batch, or `decode` with a side; a line written is the seconds taken, the CPU seconds of all threads, and the most memory used so far in bytes.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

try:
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from diffusers.loaders.single_file_utils import (
        create_diffusers_clip_model_from_ldm,
        load_single_file_checkpoint,
    )
    from safetensors import safe_open
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection
except ImportError as error:
    print(f"not installed: {error}", flush=True)
    sys.exit()

dtype = getattr(torch, sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
torch.set_grad_enabled(False)

# Stable Diffusion 1.5's and SDXL's; the reader wants them in a folder.
UNET = {
    "sample_size": 64,
    "in_channels": 4,
    "out_channels": 4,
    "block_out_channels": [320, 640, 1280, 1280],
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    "layers_per_block": 2,
    "attention_head_dim": 8,
    "cross_attention_dim": 768,
}
UNET_XL = {
    **UNET,
    "sample_size": 128,
    "block_out_channels": [320, 640, 1280],
    "down_block_types": ["DownBlock2D"] + ["CrossAttnDownBlock2D"] * 2,
    "up_block_types": ["CrossAttnUpBlock2D"] * 2 + ["UpBlock2D"],
    "attention_head_dim": [5, 10, 20],
    "cross_attention_dim": 2048,
    "transformer_layers_per_block": [1, 2, 10],
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
VAE = {
    "sample_size": 512,
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 4,
    "block_out_channels": [128, 256, 512, 512],
    "layers_per_block": 2,
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
}
TEXT = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": 77,
}
TEXT_2 = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "max_position_embeddings": 77,
    "hidden_act": "gelu",
    "projection_dim": 1280,
}
XL_KEY = "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight"
IDS = torch.tensor([[49406, 320, 736, 1212, 638, 518, 2102] + [49407] * 70])


def write_configs(folder, unet):
    for name, kind, config in (("unet", "UNet2DConditionModel", unet), ("vae", "AutoencoderKL", VAE)):
        Path(folder, name).mkdir()
        Path(folder, name, "config.json").write_text(json.dumps({"_class_name": kind, **config}))
    CLIPTextConfig(**TEXT).save_pretrained(Path(folder, "text_encoder"))
    CLIPTextConfig(**TEXT_2).save_pretrained(Path(folder, "text_encoder_2"))


class Model:
    """What a pipeline holds; text is encoded, so that a step could come next."""

    def __init__(self, checkpoint):
        with safe_open(checkpoint, "pt") as file:
            self.is_xl = XL_KEY in file.keys()
        with tempfile.TemporaryDirectory() as folder:
            write_configs(folder, UNET_XL if self.is_xl else UNET)
            options = {"config": folder, "torch_dtype": dtype, "local_files_only": True}
            kinds = [("text_encoder", CLIPTextModel)]
            if self.is_xl:
                kinds.append(("text_encoder_2", CLIPTextModelWithProjection))
            self.texts = [
                create_diffusers_clip_model_from_ldm(
                    kind, load_single_file_checkpoint(checkpoint), subfolder=name, **options
                ).eval()
                for name, kind in kinds
            ]
            self.unet = UNet2DConditionModel.from_single_file(checkpoint, subfolder="unet", **options)
            self.vae = AutoencoderKL.from_single_file(checkpoint, subfolder="vae", **options)
        self.encode()

    def encode(self):
        if not self.is_xl:
            self.states = self.texts[0](IDS)[0]
            return
        encoded = [text(IDS, output_hidden_states=True) for text in self.texts]
        self.states = torch.cat([each.hidden_states[-2] for each in encoded], -1)
        self.pooled = encoded[1].text_embeds

    def use_loras(self, files):
        scheduler = DDIMScheduler(steps_offset=1, clip_sample=False)
        pipeline = StableDiffusionPipeline(
            self.vae, self.texts[0], None, self.unet, scheduler, None, None, requires_safety_checker=False
        )
        pipeline.unload_lora_weights()
        names = [f"lora_{index}" for index, _ in enumerate(files)]
        for name, file in zip(names, files):
            pipeline.load_lora_weights(file, adapter_name=name)
        if names:
            pipeline.set_adapters(names, [0.7] * len(names))
        self.encode()

    def step(self, side, batch):
        sample = torch.randn(1, 4, side // 8, side // 8).to(dtype).expand(batch, -1, -1, -1)
        states = self.states.expand(batch, -1, -1)
        if not self.is_xl:
            return self.unet(sample, torch.tensor(500), states).sample
        sizes = torch.tensor([[side, side, 0, 0, side, side]], dtype=dtype).expand(batch, -1)
        told = {"text_embeds": self.pooled.expand(batch, -1), "time_ids": sizes}
        return self.unet(sample, torch.tensor(500), states, added_cond_kwargs=told).sample

    def decode(self, side):
        return self.vae.decode(torch.randn(1, 4, side // 8, side // 8).to(dtype) / 0.18215).sample


print("ready", flush=True)
for line in sys.stdin:
    what, *fields = line.rstrip("\n").split("\t")
    cpu_start, start = time.process_time(), time.perf_counter()
    if what == "load":
        model = Model(fields[0])
    elif what == "loras":
        model.use_loras(fields)
    else:
        result = (model.step if what == "step" else model.decode)(*map(int, fields))
        assert result.isfinite().all(), "Expected finite numbers"
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{seconds}\t{cpu_seconds}\t{peak}", flush=True)
