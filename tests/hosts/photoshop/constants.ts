/** `require('photoshop').constants`, as far as plugins of ours could want them; the values are Photoshop's own. */
export const constants = {
  ElementPlacement: {
    PLACEBEFORE: 'placeBefore',
    PLACEATBEGINNING: 'placeAtBeginning',
    PLACEATEND: 'placeAtEnd',
    PLACEINSIDE: 'placeInside',
    PLACEAFTER: 'placeAfter',
  },
  AnchorPosition: {
    BOTTOMCENTER: 'bottom-center',
    BOTTOMLEFT: 'bottom-left',
    BOTTOMRIGHT: 'bottom-right',
    MIDDLECENTER: 'middle-center',
    MIDDLELEFT: 'middle-left',
    MIDDLERIGHT: 'middle-right',
    TOPCENTER: 'top-center',
    TOPLEFT: 'top-left',
    TOPRIGHT: 'top-right',
  },
  LayerKind: { NORMAL: 'pixel', GROUP: 'group', SMARTOBJECT: 'smartObject', TEXT: 'text' },
  DocumentMode: {
    CMYK: 'CMYKColorMode',
    GRAYSCALE: 'grayscaleMode',
    LAB: 'labColorMode',
    RGB: 'RGBColorMode',
  },
  BitsPerChannelType: { EIGHT: 'bitDepth8', SIXTEEN: 'bitDepth16', THIRTYTWO: 'bitDepth32' },
  BlendMode: { NORMAL: 'normal', PASSTHROUGH: 'passThrough' },
  SaveOptions: { DONOTSAVECHANGES: 0, PROMPTTOSAVECHANGES: 1, SAVECHANGES: 2 },
  SelectionType: {
    DIMINISH: 'subtractFrom',
    EXTEND: 'addTo',
    INTERSECT: 'intersectWith',
    REPLACE: 'set',
  },
  ResampleMethod: {
    AUTOMATIC: 'bicubicAutomatic',
    BICUBIC: 'bicubic',
    NEARESTNEIGHBOR: 'nearestNeighbor',
    BILINEAR: 'bilinear',
    NONE: 'none',
  },
} as const;
