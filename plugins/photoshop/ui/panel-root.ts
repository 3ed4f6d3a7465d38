/**
 * The element that a panel is to be drawn into. Photoshop hands it over by itself, or, as plugins of older manifests got
 * it, in an event; some versions hand over nothing, and then it is the page's body.
 */
export function panelRoot<Root extends object>(given: unknown, body: Root): Root {
  if (isElement<Root>(given)) return given;
  const inside = typeof given === 'object' && given !== null && 'node' in given ? given.node : undefined;
  return isElement<Root>(inside) ? inside : body;
}

function isElement<Root extends object>(value: unknown): value is Root {
  return typeof value === 'object' && value !== null && 'appendChild' in value;
}
