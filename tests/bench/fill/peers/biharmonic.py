"""scikit-image's biharmonic inpainting: `pip install scikit-image`."""

from peer import refuse, serve

try:
    from skimage.restoration import inpaint_biharmonic
except ImportError as error:
    refuse(error)


def fill(picture, mask):
    result = inpaint_biharmonic(picture, mask > 0, channel_axis=-1, split_into_regions=True)
    return (result.clip(0, 1) * 255).round()


serve(fill)
