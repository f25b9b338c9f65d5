/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MEASURES_H
#define MEASURES_H

#include "box.h"
#include "exposition.h"
#include "poolsum.h"

/**
 * Write all figures of the box, without the end. Control lcore only.
 * @param pools    sums to go by
 * @param refused  connections that /metrics itself has refused
 */
void measures_write(
	struct exposition *x, const struct box *box, const struct poolsum *pools, uint64_t refused);

/** Parts of it: what the library has counted, */
void measures_counters(struct exposition *x, const struct sl_nat *nat);

/** pools and tenants, */
void measures_pools(struct exposition *x, const struct box *box, const struct poolsum *pools);
void measures_tenants(struct exposition *x, const struct box *box);

/** and what control does. */
void measures_control(struct exposition *x, const struct box *box);

#endif /* MEASURES_H */
