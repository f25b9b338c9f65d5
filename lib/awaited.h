/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_AWAITED_H
#define SL_AWAITED_H

#include "flow.h"
#include "sluice.h"

#define SL_AWAITED_MAX 256

struct sl_worker;

/** A flow that will come and shall have a helper. */
struct sl_awaited_entry {
	rte_be32_t in_addr, rem_addr;
	rte_be16_t in_port, rem_port;
	uint8_t tenant;
	uint8_t proto;
	uint8_t helper;
	bool outward; /* from inside to rem; else from outside to in_port */
	bool once, pair;
	uint32_t until; /* milliseconds modulo 2^32 */
};

/** Those of one worker, which alone reads and writes them. */
struct sl_awaited {
	unsigned int n;
	struct sl_awaited_entry entry[SL_AWAITED_MAX];
};

/** Remember who reads the flow that a request asks for; 0, -EINVAL or -ENOSPC. */
int sl_awaited_add(struct sl_worker *w, const struct sl_map_request *r);

/** Forget it; 0 or -ENOENT. */
int sl_awaited_del(struct sl_worker *w, const struct sl_map_request *r);

/** The helper of a flow that is being made, or 0. What was for one flow is used up. */
uint8_t sl_awaited_take(struct sl_worker *w, const struct sl_flow *f);

#endif /* SL_AWAITED_H */
