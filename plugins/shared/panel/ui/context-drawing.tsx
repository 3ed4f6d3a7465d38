import type { JSX } from 'preact';
import { type Bounds, union } from '../../picture/geometry.ts';
import { type FrameAreas, frameAreas } from '../frame-areas.ts';
import { usePanel } from './panel-context.ts';

/** Of the drawing, in CSS pixels. */
const box = { width: 72, height: 56 };
/** Thinner would not be seen. */
const minSide = 2;

/** The canvas, what is selected in it, and what of it the model sees; to scale, without a picture. */
export function ContextDrawing(): JSX.Element | null {
  const panel = usePanel();
  const outline = panel.outlines.value?.[0];
  const outlook = panel.estimates.outlook.value;
  const seen = outlook?.state === 'known' ? outlook.estimate.contextBounds : undefined;
  const areas = outline && frameAreas(outline, { seen, margins: panel.order.value.margins });
  return areas === undefined ? null : <Drawing {...areas} />;
}

function Drawing({ canvas, selected, seen }: FrameAreas): JSX.Element {
  const whole = union(union(canvas, selected), seen ?? canvas);
  const isAround = seen === undefined;
  const scale = Math.min(box.width / whole.width, box.height / whole.height);
  const styleOf = ({ left, top, width, height }: Bounds) => ({
    left: `${Math.round((left - whole.left) * scale)}px`,
    top: `${Math.round((top - whole.top) * scale)}px`,
    width: `${Math.max(minSide, Math.round(width * scale))}px`,
    height: `${Math.max(minSide, Math.round(height * scale))}px`,
  });
  return (
    <div class="inlay-drawing" aria-hidden="true">
      <div class="inlay-drawing-whole" style={{ ...styleOf(whole), left: '0', top: '0' }}>
        {/* An expansion is drawn around the canvas: below it. */}
        {isAround && <div class="inlay-drawing-selected" style={styleOf(selected)} />}
        <div class="inlay-drawing-canvas" style={styleOf(canvas)} />
        {!isAround && <div class="inlay-drawing-selected" style={styleOf(selected)} />}
        {seen !== undefined && <div class="inlay-drawing-seen" style={styleOf(seen)} />}
      </div>
    </div>
  );
}
