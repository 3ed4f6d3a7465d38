"""G'MIC's inpaintings: `python gmic.py matchpatch|patch`, `apt-get install gmic`.

The program is started for every fill: it says itself what the fill alone took, and its memory is what it needs
beyond a start that only loads the picture and the mask.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np
from peer import refuse, serve

# The second with the values of its filter "Inpaint [patch-based]": without a patch size it would only diffuse.
commands = {"matchpatch": "inpaint_matchpatch[0] [1]", "patch": "inpaint[0] [1],7,16,0.1,1,8,0,0.05,10,1"}
command = commands[sys.argv[1]]
folder = tempfile.TemporaryDirectory()


def run(arguments):
    child = subprocess.Popen(
        ["gmic", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(output[-300:])
    return output, usage.ru_maxrss * 1024


def fill(picture, mask):
    height, width = mask.shape
    files = [os.path.join(folder.name, name) for name in ("picture.ppm", "mask.pgm", "result.ppm")]
    with open(files[0], "wb") as file:
        file.write(b"P6\n%d %d\n255\n" % (width, height) + picture.tobytes())
    with open(files[1], "wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (width, height) + mask.tobytes())
    _, loaded = run(["-v", "-1", *files[:2]])
    timed = ["start={$|}", *command.split(), "end={$|}", "echo_stdout", "seconds:{$end-$start}"]
    output, peak = run(["-v", "-1", *files[:2], *timed, "keep[0]", "output", files[2]])
    seconds = float(output.split("seconds:")[1].split()[0])
    with open(files[2], "rb") as file:
        data = file.read()
    result = np.frombuffer(data, dtype=np.uint8, offset=len(data) - width * height * 3)
    return result.reshape(height, width, 3), seconds, peak - loaded


try:
    run(["-v", "-1"])
except (OSError, RuntimeError) as error:
    refuse(f"gmic: {error}")
serve(fill)
