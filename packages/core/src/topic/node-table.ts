import { RecordPool } from './record-pool.js'
import { hashField, SlotTable } from './slot-table.js'

/** Ints per node. */
export const nodeSize = 7
// Field 0 is the hash of the two that follow.
/** The node above. */
export const parentField = 1
/** The number of the level that leads here from above; 0 for `+`. */
export const levelField = 2
/** The child for `+`, or 0. */
export const plusField = 3
/** How many children there are for literal levels. */
export const literalsField = 4
/** The list of values filed under the filter that ends here, or 0. */
export const hereField = 5
/** The list of values filed under the filter that goes on with `#`, or 0. */
export const belowField = 6

/** The nodes of the tree of filters, one for each beginning of a filter. Node 0 is the root; as nobody's child, 0 also says "none". */
export class NodeTable {
  private readonly pool = new RecordPool(nodeSize)
  private readonly index = new SlotTable(this.pool)

  /** Node `n` has field `f` at `n * nodeSize + f`. Another array after `addLiteral` and `addPlus`. */
  get records(): Int32Array {
    return this.pool.records
  }

  /** The child of a node for a level, or 0; there is none for level 0. */
  literal(node: number, level: number): number {
    const { slots } = this.index
    const { records } = this.pool
    const mask = slots.length - 1
    for (let slot = hashOf(node, level) & mask; ; slot = (slot + 1) & mask) {
      const child = slots[slot]!
      const at = child * nodeSize
      if (child === 0 || (records[at + parentField] === node && records[at + levelField] === level)) return child
    }
  }

  addLiteral(node: number, level: number): number {
    const child = this.pool.take()
    const { records } = this.pool
    records[child * nodeSize + hashField] = hashOf(node, level)
    records[child * nodeSize + parentField] = node
    records[child * nodeSize + levelField] = level
    records[node * nodeSize + literalsField]!++
    this.index.insert(child)
    return child
  }

  addPlus(node: number): number {
    const child = this.pool.take()
    const { records } = this.pool
    records[child * nodeSize + parentField] = node
    records[node * nodeSize + plusField] = child
    return child
  }

  /** Takes a childless node from its parent. */
  remove(node: number): void {
    const { records } = this.pool
    const parent = records[node * nodeSize + parentField]!
    if (records[node * nodeSize + levelField] === 0) {
      records[parent * nodeSize + plusField] = 0
    } else {
      this.index.remove(node)
      records[parent * nodeSize + literalsField]!--
    }
    this.pool.give(node)
  }
}

function hashOf(parent: number, level: number): number {
  const hash = Math.imul(parent, 0x9e37_79b1) ^ Math.imul(level, 0x85eb_ca6b)
  return hash ^ (hash >>> 15)
}
