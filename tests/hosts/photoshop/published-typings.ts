/**
 * Holds the in-memory Photoshop to the published typings, where those agree with Adobe's documentation. Left out on
 * purpose: `targetBounds` (needs no size), `sourceBounds` (takes a size too), `isChunky` (typed `chunky`), `getData()`
 * (typed with options that it does not need), `dispose` (typed as a promise), and whatever is typed as a class of
 * layers or documents, whose hundreds of other members are not modelled.
 */
import type { action as Action, app as App, constants as Constants, core as Core } from 'photoshop';
import type { Document } from 'photoshop/dom/Document.js';
import type { imaging } from 'photoshop/dom/ImagingModule.js';
import type { Layer } from 'photoshop/dom/Layer.js';
import type { DomDocument } from './dom-document.ts';
import type { DomLayer } from './dom-layer.ts';
import type { HostImageData } from './image-data.ts';
import type { GetLayerMaskOptions, GetPixelsOptions, Imaging } from './imaging.ts';
import type { PhotoshopModule } from './photoshop-module.ts';

/** Compiles only where every `Value` could stand for an `Expected`. */
type Fits<Expected, Value extends Expected> = Value;

/** Enumerations count as their values. */
type Plain<Type> = {
  [Key in keyof Type]: Type[Key] extends string ? string : Type[Key] extends number ? number : Type[Key];
};

type DocumentFields =
  | 'typename'
  | 'id'
  | 'name'
  | 'title'
  | 'width'
  | 'height'
  | 'resolution'
  | 'mode'
  | 'bitsPerChannel'
  | 'colorProfileName'
  | 'quickMaskMode';
type LayerFields =
  | 'typename'
  | 'id'
  | 'name'
  | 'kind'
  | 'visible'
  | 'opacity'
  | 'blendMode'
  | 'allLocked'
  | 'pixelsLocked'
  | 'positionLocked'
  | 'locked'
  | 'isBackgroundLayer'
  | 'isClippingMask'
  | 'selected'
  | '_docId';
type ImageFields = 'width' | 'height' | 'hasAlpha' | 'components' | 'componentSize' | 'colorProfile';

export type HeldToTypings = [
  Fits<Plain<Pick<Document, DocumentFields>>, DomDocument>,
  Fits<Plain<Pick<Layer, LayerFields>>, DomLayer>,
  Fits<Pick<imaging.PhotoshopImageData, ImageFields>, HostImageData>,
  Fits<GetPixelsOptions, Omit<imaging.GetPixelsOptions, 'targetSize'>>,
  Fits<
    GetLayerMaskOptions,
    Pick<imaging.GetLayerMaskOptions, 'documentID' | 'kind' | 'sourceBounds' | 'layerID'>
  >,
  Fits<keyof typeof imaging, keyof Imaging>,
  Fits<Pick<typeof Core, 'apiVersion' | 'isModal' | 'showAlert'>, PhotoshopModule['core']>,
  Fits<keyof typeof Core | 'removeNotificationListener', keyof PhotoshopModule['core']>,
  Fits<keyof typeof Action, keyof PhotoshopModule['action']>,
  Fits<keyof typeof App, keyof PhotoshopModule['app']>,
  Fits<keyof typeof Constants, keyof PhotoshopModule['constants']>,
  Fits<keyof Document | 'closeWithoutSaving', keyof DomDocument>,
  Fits<keyof Layer | 'state', keyof DomLayer>,
];
