/** The frame that a plugin's page runs in, as the plugin's main knows it. */

export interface UiOptions {
  readonly visible: boolean;
  readonly width: number;
  readonly height: number;
  readonly themeColors: boolean;
}

export interface UiFrame {
  /** Loads the page; what is posted before it is there waits. */
  open(html: string, options: UiOptions): void;
  post(message: unknown): void;
  show(isVisible: boolean): void;
  resize(width: number, height: number): void;
  close(): void;
  /** Hears what the page posts to its parent. */
  onMessage: (message: unknown) => void;
}

/** For tests without a browser: keeps what would be seen. */
export class RecordingFrame implements UiFrame {
  html: string | undefined;
  isVisible = false;
  readonly posted: unknown[] = [];
  onMessage: (message: unknown) => void = () => {};

  open(html: string, { visible }: UiOptions): void {
    this.html = html;
    this.isVisible = visible;
  }

  post(message: unknown): void {
    this.posted.push(message);
  }

  show(isVisible: boolean): void {
    this.isVisible = isVisible;
  }

  resize(): void {}

  close(): void {
    this.html = undefined;
  }
}
