/**
 * The optional steps of a fill. Only the benchmark's ablation leaves one out, to show what each gives in quality and in
 * time.
 */
export const fillSteps = ['thin-plate', 'thin-blend', 'seam-finish', 'offset-prior'] as const;

export type FillStep = (typeof fillSteps)[number];
