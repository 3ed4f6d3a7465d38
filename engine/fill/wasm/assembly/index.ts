// What fill-core.ts calls. One kernel a file, each the same integers as its namesake in engine/fill/kernels.

export { setField, setLevel, setTargets, setThread } from './level';
export { adaptColours } from './adapt';
export { compositeBand } from './composite';
export { downsample } from './downsample';
export { colourFeatures, lowBand } from './features';
export { peelBegin, peelLayerSize, peelMatch, peelVote } from './peel';
export { searchPass } from './search';
export { textureFeature } from './texture';
export { voteBand } from './vote';
