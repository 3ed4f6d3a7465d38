"""The peers' side of the upscalers' benchmark: the same weights in PyTorch or ncnn, on the CPU.

    python upscale_peer.py torch|ncnn THREADS

torch needs torch, numpy, safetensors and spandrel; ncnn needs ncnn, numpy and the networks as .param and .bin,
in the folder that INLAY_BENCH_NCNN_MODELS names. The first line written is `ready` or why it cannot be run.
Each line read is a file of weights, a size and a file of rgb8 bytes; each line written is the seconds taken, the CPU
seconds of all threads, and the most memory used so far in bytes. The result, rgb8, is put in place of the bytes.
"""

import os
import resource
import sys
import time
from pathlib import Path

kind, threads = sys.argv[1], int(sys.argv[2])


def torch_runner():
    import spandrel
    import torch
    from safetensors.torch import load_file

    torch.set_num_threads(threads)

    def load(weights):
        model = spandrel.ModelLoader().load_from_state_dict(load_file(weights)).model.float().eval()

        def run(picture):
            with torch.inference_mode():
                image = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
                upscaled = model(image).clamp_(0, 1).mul_(255).round_()
                return upscaled[0].permute(1, 2, 0).to(torch.uint8).contiguous().numpy()

        return run

    return load


def ncnn_runner():
    import ncnn

    folder = os.environ.get("INLAY_BENCH_NCNN_MODELS")
    if folder is None:
        raise ImportError("INLAY_BENCH_NCNN_MODELS does not name a folder")

    def load(weights):
        # animevideov3 is published in three scales; ours is the one for 4.
        stems = [Path(weights).stem, Path(weights).stem + "-x4"]
        stem = next((s for s in stems if Path(folder, s + ".param").exists()), None)
        if stem is None:
            return None
        net = ncnn.Net()
        net.opt.num_threads = threads
        net.load_param(str(Path(folder, stem + ".param")))
        net.load_model(str(Path(folder, stem + ".bin")))

        def run(picture):
            image = np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32) / 255
            extractor = net.create_extractor()
            extractor.input("data", ncnn.Mat(image))
            _, upscaled = extractor.extract("output")
            planes = np.array(upscaled).clip(0, 1) * 255
            return np.ascontiguousarray(planes.round().transpose(1, 2, 0).astype(np.uint8))

        return run

    return load


try:
    import numpy as np

    load = {"torch": torch_runner, "ncnn": ncnn_runner}[kind]()
except ImportError as error:
    print(f"not installed: {error}", flush=True)
    sys.exit()
print("ready", flush=True)

loaded = {}
for line in sys.stdin:
    weights, size, file = line.rstrip("\n").split("\t")
    if weights not in loaded:
        loaded = {weights: load(weights)}
    run = loaded[weights]
    if run is None:
        print("not published for it", flush=True)
        continue
    picture = np.fromfile(file, dtype=np.uint8).reshape(int(size), int(size), 3)
    cpu_start, start = time.process_time(), time.perf_counter()
    result = run(picture)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    result.tofile(file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{seconds}\t{cpu_seconds}\t{peak}", flush=True)
