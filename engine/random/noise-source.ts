/** Where the noise of a picture comes from. */
export interface NoiseSource {
  /**
   * The next `length` standard normal numbers. A call stands for one `torch.randn` of a float32 tensor with that many
   * elements; the numbers come in the tensor's memory order. How many a call asks for matters: two calls of 8 differ
   * from one of 16.
   */
  normal(length: number): Float32Array;
}
