/** Paints as a plugin reads and writes them. */
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';

const common = ['type', 'visible', 'opacity', 'blendMode', 'boundVariables'];
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  SOLID: ['color'],
  IMAGE: ['scaleMode', 'imageHash', 'imageTransform', 'scalingFactor', 'rotation', 'filters'],
  GRADIENT_LINEAR: ['gradientTransform', 'gradientStops'],
};
const scaleModes = ['FILL', 'FIT', 'CROP', 'TILE'];

/** What a plugin reads is a copy that cannot be written to: new paints are assigned as a new array. */
export function frozenCopy<Value>(value: Value): Value {
  return deepFreeze(structuredClone(value));
}

/** Throws for what is no paint, as Figma's own validation does, and for what this editor cannot draw. */
export function checkedPaints(member: string, paints: unknown): readonly Paint[] {
  const fail = (expected: string): never => {
    throw new Error(`in ${member}: Property "fills" failed validation: expected ${expected}`);
  };
  if (!Array.isArray(paints)) return fail('an array of paints');
  for (const paint of paints as readonly Record<string, unknown>[]) {
    const fields = fieldsOf[String(paint.type)] ?? fail(`a known type, received ${String(paint.type)}`);
    for (const key of Object.keys(paint)) {
      if (!common.includes(key) && !fields.includes(key)) fail(`no key "${key}" in a ${paint.type} paint`);
    }
    const { opacity = 1 } = paint;
    if (!(Number(opacity) >= 0 && Number(opacity) <= 1)) fail('an opacity from 0 to 1');
    if (paint.type === 'SOLID') checkColour(paint.color, fail);
    if (paint.type === 'IMAGE') {
      if (!scaleModes.includes(String(paint.scaleMode))) fail('a scaleMode of FILL, FIT, CROP or TILE');
      if (paint.imageHash !== null && typeof paint.imageHash !== 'string') fail('an imageHash');
    }
  }
  return frozenCopy(paints) as readonly Paint[];
}

function checkColour(colour: unknown, fail: (expected: string) => never): void {
  const channels = Object.entries((colour ?? {}) as Record<string, unknown>);
  if (
    channels
      .map(([name]) => name)
      .sort()
      .join('') !== 'bgr'
  )
    fail('a colour of r, g and b');
  for (const [, value] of channels) {
    if (!(typeof value === 'number' && value >= 0 && value <= 1)) fail('channels from 0 to 1');
  }
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
