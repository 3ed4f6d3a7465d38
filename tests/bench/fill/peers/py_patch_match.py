"""PyPatchMatch, which other programs ship for the same purpose: `pip install pypatchmatch`. One thread."""

from peer import refuse, serve

try:
    import patchmatch

    if not patchmatch.patchmatch_available:
        raise ImportError("patchmatch has no native library")
except ImportError as error:
    refuse(error)

# The radius that its examples use, and the programs that ship it.
PATCH_RADIUS = 3


def fill(picture, mask):
    patchmatch.set_random_seed(1)
    return patchmatch.inpaint(picture, mask, patch_size=PATCH_RADIUS)


serve(fill)
