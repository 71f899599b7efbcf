/** What to say while the kernel does not answer, by how long it has been waited for. */
export const WAITING = [
  { afterMs: 2000, text: "Waiting for the kernel: it sends the data when the running cells are done …" },
  {
    afterMs: 15_000,
    text: "Still waiting for the kernel. If it was restarted since, run the cell again: the data is not saved in the notebook.",
  },
];
