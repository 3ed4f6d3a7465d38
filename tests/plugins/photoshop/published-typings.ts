/**
 * Holds what the plugin believes of Photoshop to the published typings, where those agree with Adobe's documentation. Left
 * out on purpose: `targetBounds` (needs no size), `isChunky` (typed `chunky`), `getData()` and `dispose()` (typed as if one
 * took options and the other gave a promise), and functions that take a value of an enumeration, a text to the plugin.
 */
import type { action as Action, app as App, constants as Constants, core as Core } from 'photoshop';
import type { Document } from 'photoshop/dom/Document.js';
import type { imaging as Imaging } from 'photoshop/dom/ImagingModule.js';
import type { Layer } from 'photoshop/dom/Layer.js';
import type {
  ImageDataOptions,
  PhotoshopConstants,
  PhotoshopDocument,
  PhotoshopImageData,
  PhotoshopImaging,
  PhotoshopLayer,
} from '../../../plugins/photoshop/api/photoshop.ts';

/** Compiles only where every `Value` could stand for an `Expected`. */
type Fits<Expected, Value extends Expected> = Value;

type DocumentFields =
  | 'id'
  | 'title'
  | 'width'
  | 'height'
  | 'mode'
  | 'bitsPerChannel'
  | 'quickMaskMode'
  | 'activeHistoryState';
type LayerFields = 'id' | 'name' | 'kind' | 'visible' | 'allLocked' | 'bounds' | 'boundsNoEffects';
type Options<Name extends keyof PhotoshopImaging> = Parameters<PhotoshopImaging[Name]>[0];

export type HeldToTypings = [
  // What Photoshop has is what the plugin reads.
  Fits<Pick<PhotoshopDocument, DocumentFields>, Document>,
  Fits<Pick<PhotoshopDocument['selection'], 'bounds'>, Document['selection']>,
  Fits<Pick<PhotoshopLayer, LayerFields>, Layer>,
  Fits<
    Pick<PhotoshopImageData, 'width' | 'height' | 'components' | 'componentSize'>,
    Imaging.PhotoshopImageData
  >,
  // What the plugin asks for is what Photoshop takes.
  Fits<Imaging.GetPixelsOptions, Options<'getPixels'>>,
  Fits<Imaging.GetSelectionOptions, Options<'getSelection'>>,
  Fits<Imaging.GetLayerMaskOptions, Options<'getLayerMask'>>,
  Fits<Imaging.CreateImageDataFromBufferOptions, ImageDataOptions>,
  // Names at least.
  Fits<keyof typeof Imaging, keyof PhotoshopImaging>,
  Fits<keyof Document, keyof PhotoshopDocument>,
  Fits<keyof Layer, keyof PhotoshopLayer>,
  Fits<keyof typeof App, 'documents' | 'activeDocument'>,
  Fits<keyof typeof Core, 'isModal' | 'showAlert' | 'executeAsModal'>,
  Fits<keyof typeof Action, 'batchPlay' | 'addNotificationListener'>,
  Fits<keyof typeof Constants, keyof PhotoshopConstants>,
  Fits<keyof typeof Constants.ElementPlacement, keyof PhotoshopConstants['ElementPlacement']>,
  Fits<keyof typeof Constants.AnchorPosition, keyof PhotoshopConstants['AnchorPosition']>,
  Fits<keyof typeof Constants.ResampleMethod, keyof PhotoshopConstants['ResampleMethod']>,
  Fits<keyof typeof Constants.LayerKind, keyof PhotoshopConstants['LayerKind']>,
  Fits<keyof typeof Constants.DocumentMode, keyof PhotoshopConstants['DocumentMode']>,
  Fits<keyof typeof Constants.BitsPerChannelType, keyof PhotoshopConstants['BitsPerChannelType']>,
];
