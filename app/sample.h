/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <rte_ethdev.h>

#include "box.h"
#include "helpers.h"

/** A worker's figures at one moment. */
struct sample_worker {
	uint64_t counter[SL_COUNTER_COUNT];
	uint64_t busy, idle; /**< cycles */
};

/** All figures of the box at one moment; two of them make rates. */
struct sample {
	uint64_t ns; /**< monotonic */
	uint64_t control_ns; /**< processor time of the control lcore */
	struct rte_eth_stats port[2];
	struct sl_helper_count helper[SL_HELPERS_MAX];
	struct sample_worker *worker;
};

/** Room for a sample of this box; 0 or -ENOMEM. */
int sample_init(struct sample *s, const struct box *box);

/** Give it back; fine on a zeroed one. */
void sample_fini(struct sample *s);

/** Read all figures. On the control lcore, since its own time is among them. */
void sample_take(struct sample *s, const struct box *box);

/** Seconds between two samples, never 0. */
double sample_seconds(const struct sample *from, const struct sample *to);

/** A figure's growth a second; one that was set to zero meanwhile has grown from there. */
double sample_rate(uint64_t from, uint64_t to, double seconds);

/** A counter's growth a second, at one worker or summed over all. */
double sample_counter(
	const struct sample *from, const struct sample *to, unsigned int worker, enum sl_counter c);
double sample_sum(const struct sample *from, const struct sample *to, const struct box *box,
	enum sl_counter c);

/** A counter's value, summed over all workers. */
uint64_t sample_value(const struct sample *s, const struct box *box, enum sl_counter c);

/** Share of time with work between two samples, in percent: of a worker, of control. */
double sample_busy(const struct sample *from, const struct sample *to, unsigned int worker);
double sample_control(const struct sample *from, const struct sample *to);

#endif /* SAMPLE_H */
