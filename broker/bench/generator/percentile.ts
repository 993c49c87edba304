/** The least value that `share` of all values, 0 to 1, do not exceed. */
export function percentile(values: Float64Array, share: number): number {
  return values.slice().sort()[Math.max(0, Math.ceil(share * values.length) - 1)]!;
}

/** The percentile of each slice of `length` values, and of those the median. What is left at the end is part of the last slice. */
export function medianOfSlices(values: Float64Array, length: number, share: number): number {
  const slices = Math.max(1, Math.floor(values.length / length));
  const percentiles = Float64Array.from({ length: slices }, (_, index) => {
    const end = index === slices - 1 ? values.length : (index + 1) * length;
    return percentile(values.subarray(index * length, end), share);
  });
  return percentile(percentiles, 0.5);
}
