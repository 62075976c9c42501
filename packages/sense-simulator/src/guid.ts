import { createRandom } from './random.js'

/** The GUID that means none. */
export const zeroGuid = '00000000-0000-0000-0000-000000000000'

const guidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Tells whether a text is a GUID, in either case. */
export function isGuid(text: string): boolean {
  return guidPattern.test(text)
}

/** Makes GUIDs (version 4) that are the same in every run with the same seed. */
export function createGuidSource(seed: number): () => string {
  const next = createRandom(seed)
  return () => {
    const hex = Array.from({ length: 4 }, () => next().toString(16).padStart(8, '0')).join('')
    const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4]
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}
