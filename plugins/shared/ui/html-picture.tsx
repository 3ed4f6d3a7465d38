import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { dataUrl } from './data-url.ts';
import type { PictureProps } from './widgets.ts';

/** A picture from its bytes. */
export function HtmlPicture({ format, bytes, description }: PictureProps): JSX.Element {
  const source = useMemo(() => dataUrl(`image/${format}`, bytes), [format, bytes]);
  return <img class="inlay-picture" src={source} alt={description} />;
}
