import { defineContract, type ContractOptions } from './contract.js'
import { deliveryCases } from './transport-contract/delivery-cases.js'
import { lifecycleCases } from './transport-contract/lifecycle-cases.js'
import { settlingCases } from './transport-contract/settling-cases.js'
import { openTransportStage, type TransportBench } from './transport-contract/stage.js'
import { statusCases } from './transport-contract/status-cases.js'
import { subscriptionCases } from './transport-contract/subscription-cases.js'

/** What {@link transportContract} is told. */
export interface TransportContractOptions extends ContractOptions {
  /** Makes the surroundings of one test. */
  open(): TransportBench | Promise<TransportBench>
}

/**
 * Defines the tests every transport passes: what `Transport` promises, to the letter. What the transport's `capabilities` do not include, and
 * what the bench cannot do, is skipped with the reason.
 *
 * @throws ButlerError `CONTRACT_OPTIONS` for a name in `cannot` that is no test
 */
export function transportContract(options: TransportContractOptions): void {
  const cases = [...lifecycleCases, ...deliveryCases, ...subscriptionCases, ...settlingCases, ...statusCases]
  defineContract(options, 'transport', cases, () => openTransportStage(options.open))
}
