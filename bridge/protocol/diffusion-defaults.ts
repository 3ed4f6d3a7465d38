/** What a request with a prompt gets where it says nothing; its scheduler is the first of the capabilities'. */
export interface DiffusionDefaults {
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  readonly guidanceRescale: number;
  /** Of a pix2pix checkpoint. */
  readonly imageGuidanceScale: number;
  readonly highResolutionStrength: number;
  /** Of an operation; of a pix2pix checkpoint, whatever it does. */
  readonly strength: Readonly<Record<'fill' | 'expand' | 'vary' | 'pix2pix', number>>;
}
