/** A plain picture, a slow step, and a saved file. */
export const slow = (
  color: number,
  { steps = 3, delay = 0.02, failAt = -1 }: { readonly steps?: number; readonly delay?: number; failAt?: number } = {},
) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 1, color } },
  '2': {
    class_type: 'ProbeSlow',
    inputs: { image: ['1', 0], steps, delay, fail_at: failAt, preview: true },
    _meta: { title: 'Slow step' },
  },
  '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'run' } },
});
