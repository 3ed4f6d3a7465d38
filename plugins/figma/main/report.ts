/** What is selected, as the panel shows it and as a job's size can be told from it. */

import { ClientError } from '../../shared/client/client-error.ts';
import type { Offer, PanelOperation } from '../../shared/panel/editor-host.ts';
import type { SelectionReport, Subjects } from '../protocol/messages.ts';
import { exportScale, maxImageSide } from '../protocol/scale.ts';
import { boxOf, type CanvasNode } from './canvas-node.ts';
import { fillFacts } from './fill-subject.ts';
import { layersToFollow, rememberSelected } from './followed-layers.ts';
import { densityIn, imageSize } from './image-facts.ts';
import { maskAndPicture } from './mask-and-picture.ts';
import { refusal } from './refusal.ts';
import { recipeOfSelected } from './result-data.ts';
import {
  expandable,
  exportWords,
  fillable,
  imageSubject,
  mockupSubject,
  mockupWords,
  sizeWords,
  sketchSubject,
} from './subjects.ts';

interface Finding extends Subjects {
  readonly subject: string;
  /** What is worked on; nothing for the bare page. */
  readonly node?: CanvasNode;
}

export async function readSelection(): Promise<SelectionReport> {
  const page = figma.currentPage;
  const { selection } = page;
  rememberSelected(selection, page.id);
  const offers: Partial<Record<PanelOperation, Offer>> = {};
  let subjects: Subjects = {};
  const offer = async (operations: readonly PanelOperation[], find: () => Promise<Finding>) => {
    const { offer: found, subjects: more, node } = await settled(find);
    const controlSources = layersToFollow({ selection, page, picture: node });
    for (const operation of operations) offers[operation] = { ...found, controlSources };
    subjects = { ...subjects, ...more };
  };
  const recipe = recipeOfSelected(selection);
  await offer(['fill', 'remove'], async () => {
    if (recipe?.operation === 'fill' || recipe?.operation === 'remove') {
      throw refusal(
        'This is a result.',
        'Make more of it above, or draw a shape over what is to be replaced.',
      );
    }
    const facts = await fillFacts(maskAndPicture(selection));
    const { mask, picture, exported, maskBounds, scale } = facts;
    const subject = `“${mask.name}” over “${picture.name}”, ${sizeWords(maskBounds)}${exportWords(picture, scale)}`;
    return { subject, node: picture, fill: { picture: exported, maskBounds } };
  });
  await offer(['expand'], async () => {
    const node = expandable(selection);
    const box = boxOf(node)!;
    const density = await densityIn(node, box);
    const size = { width: box.width, height: box.height };
    const subject = `“${node.name}”, ${sizeWords(size)}${exportWords(node, exportScale(size, density))}`;
    return { subject, node, expand: { size, density } };
  });
  const image = async () => {
    const { node, paint } = imageSubject(selection);
    const size = await imageSize(paint.imageHash);
    if (size === undefined) {
      throw refusal(`The image of “${node.name}” has not loaded yet.`, 'Wait a moment and select it again.');
    }
    return { subject: `The image of “${node.name}”, ${sizeWords(size)}`, node, image: size };
  };
  await offer(['vary'], image);
  await offer(['upscale'], async () => {
    const found = await image();
    const side = Math.max(found.image.width, found.image.height);
    if (side < maxImageSide) return found;
    throw refusal(
      `${found.subject}, cannot be larger.`,
      `Figma's images have ${maxImageSide} px a side at most.`,
    );
  });
  await offer(['generate'], async () => {
    const node = fillable(selection);
    if (node === undefined) return { subject: 'A new picture on the canvas', generate: 'any-size' };
    const { width, height } = boxOf(node)!;
    return { subject: `As the fill of “${node.name}”`, node, generate: { width, height } };
  });
  await offer(['sketch'], async () => {
    const frame = sketchSubject(selection);
    const { width, height } = boxOf(frame)!;
    const size = { width, height };
    return { subject: `“${frame.name}”, ${sizeWords(size)}`, node: frame, sketch: size };
  });
  await offer(['mockup'], async () => {
    const found = mockupSubject(selection);
    return { subject: mockupWords(found), mockup: { placeholders: found.placeholders } };
  });
  const target = { documentName: figma.root.name, offers, ...(recipe !== undefined && { recipe }) };
  return { target, subjects };
}

/** A refusal is an offer, too: one that says why not. */
async function settled(
  find: () => Promise<Finding>,
): Promise<{ readonly offer: Offer; readonly subjects: Subjects; readonly node?: CanvasNode }> {
  try {
    const { subject, node, ...subjects } = await find();
    return { offer: { subject }, subjects, ...(node !== undefined && { node }) };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { offer: { reason: `${error.message} ${error.hint}` }, subjects: {} };
  }
}
