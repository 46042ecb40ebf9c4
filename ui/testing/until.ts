// Waits for a condition without sleeping for a fixed time.

const GIVE_UP_MS = 5000;

/** Resolves once the condition holds; rejects after five seconds. */
export async function until(condition: () => boolean, what = "condition"): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
