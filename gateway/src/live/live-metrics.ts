import type { Logger, Metrics } from '@weft/telemetry';

/** What is counted of live fields. */
export interface LiveMetrics {
  readonly open: { inc(): void; dec(): void };
  readonly delivered: { inc(): void };
  readonly coalesced: { inc(by: number): void };
  readonly overflowed: { inc(): void };
  readonly resumed: { inc(): void };
  unexpected(error: unknown): void;
}

export const createLiveMetrics = (metrics: Metrics, logger: Logger): LiveMetrics => ({
  open: metrics.gauge('weft_gateway_live_open', 'Live fields that are open'),
  delivered: metrics.counter(
    'weft_gateway_live_delivered_total',
    'Payloads of live fields that were delivered',
  ),
  coalesced: metrics.counter(
    'weft_gateway_live_coalesced_total',
    'Payloads that were joined to an earlier one for a slow client',
  ),
  overflowed: metrics.counter(
    'weft_gateway_live_overflowed_total',
    'Times that a slow client had too much pending',
  ),
  resumed: metrics.counter(
    'weft_gateway_live_resumed_total',
    'Times that a live field was subscribed again after its subgraph was lost',
  ),
  unexpected: (error) => logger.error({ err: error }, 'unexpected error in a live field'),
});
