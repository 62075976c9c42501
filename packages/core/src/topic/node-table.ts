import { createRecordPool, type RecordPool } from './record-pool.js'
import { createSlotTable } from './slot-table.js'

/** The nodes of the tree of filters, one per distinct beginning of a filter. Node 0 is the root; as nobody's child, 0 also says "none". */
export interface NodeTable {
  /** The nodes' fields: node `n` has field `f` at `n * nodeSize + f`. */
  readonly pool: RecordPool
  /** The child of a node for a level, or 0. */
  literal(node: number, level: number): number
  addLiteral(node: number, level: number): number
  addPlus(node: number): number
  /** Takes a childless node from its parent. */
  remove(node: number): void
}

/** Ints per node. */
export const nodeSize = 6
/** Number of the node above. */
export const parentField = 0
/** The level that leads here from above; 0 for `+`. */
export const levelField = 1
/** The child for `+`, or 0. */
export const plusField = 2
/** How many children there are for literal levels. */
export const literalsField = 3
/** List of the values filed under the filter that ends here. */
export const hereField = 4
/** List of the values filed under the filter that goes on with `#`. */
export const belowField = 5

export function createNodeTable(): NodeTable {
  const pool = createRecordPool(nodeSize)
  const index = createSlotTable((node) => hashOf(pool.records[node * nodeSize + parentField]!, pool.records[node * nodeSize + levelField]!))

  return {
    pool,
    literal(node, level) {
      const { slots } = index
      const { records } = pool
      const mask = slots.length - 1
      for (let slot = hashOf(node, level) & mask; ; slot = (slot + 1) & mask) {
        const child = slots[slot]!
        const at = child * nodeSize
        if (child === 0 || (records[at + parentField] === node && records[at + levelField] === level)) return child
      }
    },
    addLiteral(node, level) {
      const child = pool.take()
      const { records } = pool
      records[child * nodeSize + parentField] = node
      records[child * nodeSize + levelField] = level
      records[node * nodeSize + literalsField]!++
      index.insert(child)
      return child
    },
    addPlus(node) {
      const child = pool.take()
      const { records } = pool
      records[child * nodeSize + parentField] = node
      records[node * nodeSize + plusField] = child
      return child
    },
    remove(node) {
      const { records } = pool
      const parent = records[node * nodeSize + parentField]!
      if (records[node * nodeSize + levelField] === 0) {
        records[parent * nodeSize + plusField] = 0
      } else {
        index.remove(node)
        records[parent * nodeSize + literalsField]!--
      }
      pool.give(node)
    },
  }
}

function hashOf(parent: number, level: number): number {
  const hash = Math.imul(parent, 0x9e37_79b1) ^ Math.imul(level, 0x85eb_ca6b)
  return hash ^ (hash >>> 15)
}
