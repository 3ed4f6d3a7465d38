/** Both parameters of the distribution: "Beta sampling is all you need" (arXiv 2407.12173) gives 0.6. */
const shape = 0.6;
/** Gamma(1.2) / (0.6 * Gamma(0.6)^2): one over shape times the beta function of (0.6, 0.6). */
const scale = 0.9181687423997607 / (shape * 1.4891922488128171 ** 2);
/** Halvings of [0, 1]: more than a double can tell apart. */
const halvings = 60;
const maxFractions = 200;

/** The value that a beta(0.6, 0.6) variable stays below with this probability. */
export function betaQuantile(probability: number): number {
  if (probability <= 0) return 0;
  if (probability >= 1) return 1;
  let low = 0;
  let high = 1;
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (betaDistribution(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function; the distribution is symmetric about one half. */
function betaDistribution(x: number): number {
  if (x > 0.5) return 1 - betaDistribution(1 - x);
  return scale * (x * (1 - x)) ** shape * continuedFraction(x);
}

/** Of the incomplete beta function, by Lentz's method (W. Press and others, "Numerical recipes", section 6.4). */
function continuedFraction(x: number): number {
  let c = 1;
  let d = 1 / (1 - (2 * shape * x) / (shape + 1));
  let fraction = d;
  for (let m = 1; m <= maxFractions; m++) {
    const even = (m * (shape - m) * x) / ((shape + 2 * m - 1) * (shape + 2 * m));
    const odd = (-(shape + m) * (2 * shape + m) * x) / ((shape + 2 * m) * (shape + 2 * m + 1));
    for (const numerator of [even, odd]) {
      d = 1 / (1 + numerator * d);
      c = 1 + numerator / c;
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return fraction;
}
