// What fill-core.ts calls. A file's first line names its kernel in engine/fill/kernels, whose integers it must give.

export { setField, setLevel, setTargets, setThread } from './level';
export { adaptColours } from './adapt';
export { compositeBand } from './composite';
export { downsample } from './downsample';
export { colourFeatures, lowBand } from './features';
export {
  clearNodes,
  coarsenNodes,
  gatherNodes,
  measureStep,
  prolongNodes,
  relaxBackward,
  relaxForward,
  restrictNodes,
  shareNodes,
} from './membrane';
export { peelBegin, peelLayerSize, peelMatch, peelVote } from './peel';
export { searchPass } from './search';
export { correctSeams, setSeams, tieSeams } from './seams';
export { textureFeature } from './texture';
export { voteBand } from './vote';
