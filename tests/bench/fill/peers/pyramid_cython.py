"""patchmatch-cython, with its own defaults: `pip install patchmatch-cython`. One thread."""

from peer import refuse, serve

try:
    from patchmatch_cython import inpaint_pyramid
except ImportError as error:
    refuse(error)

serve(lambda picture, mask: inpaint_pyramid(picture, mask, seed=1))
