/**
 * Waits for both, also where one of them fails, so that nothing goes on behind the caller's back. Throws what the first one
 * threw, else what the second one did.
 */
export async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
