/** `npm start -- --kernel`; `inside` is set once we run in a network namespace of our own. */
export async function kernelDemo(_inside: boolean): Promise<number> {
  throw new Error('not yet')
}
