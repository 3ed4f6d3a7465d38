/** The icons of panels and page, drawn from Lucide's icon nodes: names of ours, so that another set can take their place. */
import {
  ArrowDown,
  ArrowUp,
  Blend,
  Brush,
  Check,
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  CircleOff,
  CircleQuestionMark,
  Columns2,
  Contrast,
  Dices,
  Download,
  Ellipsis,
  Eraser,
  Expand,
  Eye,
  EyeOff,
  FolderOpen,
  Hand,
  Image,
  ImagePlus,
  ImageUpscale,
  Lasso,
  Layers,
  Maximize,
  Minus,
  Monitor,
  Moon,
  Pencil,
  Pin,
  Plus,
  Redo2,
  RotateCcw,
  Shuffle,
  SlidersHorizontal,
  Sparkles,
  SquareDashed,
  SquareDashedMousePointer,
  Sun,
  Trash,
  TriangleAlert,
  Undo2,
  WandSparkles,
  X,
} from 'lucide';
import { h, type JSX } from 'preact';

const icons = {
  add: Plus,
  alert: TriangleAlert,
  blend: Blend,
  brush: Brush,
  check: Check,
  close: X,
  compare: Columns2,
  contrast: Contrast,
  dark: Moon,
  delete: Trash,
  down: ArrowDown,
  download: Download,
  eraser: Eraser,
  expand: Expand,
  fill: Sparkles,
  fit: Maximize,
  generate: ImagePlus,
  hand: Hand,
  help: CircleQuestionMark,
  hidden: EyeOff,
  image: Image,
  keep: Pin,
  lasso: Lasso,
  layers: Layers,
  light: Sun,
  minus: Minus,
  more: Ellipsis,
  next: ChevronRight,
  nothing: CircleOff,
  open: FolderOpen,
  previous: ChevronLeft,
  rectangle: SquareDashed,
  redo: Redo2,
  remove: WandSparkles,
  reroll: Dices,
  retry: RotateCcw,
  selection: SquareDashedMousePointer,
  settings: SlidersHorizontal,
  sketch: Pencil,
  system: Monitor,
  undo: Undo2,
  unfold: ChevronDown,
  up: ArrowUp,
  upscale: ImageUpscale,
  vary: Shuffle,
  visible: Eye,
} as const;

export type IconName = keyof typeof icons;

/** Decoration only: whatever carries the icon has a name in words. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }): JSX.Element {
  return (
    <svg
      class="inlay-icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {icons[name].map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
