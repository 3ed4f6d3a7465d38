"""OpenCV's inpaintings: `python opencv.py telea|ns|shift-map|fsr`, `pip install opencv-contrib-python-headless`."""

import sys

from peer import refuse, serve

try:
    import cv2
except ImportError as error:
    refuse(error)

RADIUS = 5


def xphoto(picture, mask, method):
    """Its masks are 0 where to fill, its colours best Lab, and 0 in the result where it found nothing."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2Lab)
    result = lab.copy()
    cv2.xphoto.inpaint(lab, 255 - mask, result, method)
    return cv2.cvtColor(result, cv2.COLOR_Lab2RGB)


def fsr(picture, mask):
    result = picture.copy()
    cv2.xphoto.inpaint(picture, 255 - mask, result, cv2.xphoto.INPAINT_FSR_FAST)
    return result


methods = {
    "telea": lambda picture, mask: cv2.inpaint(picture, mask, RADIUS, cv2.INPAINT_TELEA),
    "ns": lambda picture, mask: cv2.inpaint(picture, mask, RADIUS, cv2.INPAINT_NS),
    "shift-map": lambda picture, mask: xphoto(picture, mask, cv2.xphoto.INPAINT_SHIFTMAP),
    "fsr": fsr,
}
if sys.argv[1] in ("shift-map", "fsr") and not hasattr(cv2, "xphoto"):
    refuse("this OpenCV has no xphoto (contrib)")
serve(methods[sys.argv[1]])
