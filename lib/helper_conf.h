/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_CONF_H
#define SL_HELPER_CONF_H

#include "sluice.h"

/** The helpers of a tenant's subscribers: bit 1 << number. */
static inline uint16_t
sl_helper_mask(const struct sl_config *c, unsigned int tenant)
{
	const struct sl_tenant *t = &c->tenant[tenant];
	uint16_t mask = 0;

	for (unsigned int i = 0; i < SL_HELPERS_MAX; i++)
		mask |= (uint16_t)(c->helper[i].on << (i + 1));
	/* Who is closer to the subscriber has the last word. */
	if (t->pool < c->n_pools)
		mask = (mask | c->pool[t->pool].helpers.on) &
		       (uint16_t)~c->pool[t->pool].helpers.off;
	return (mask | t->helpers.on) & (uint16_t)~t->helpers.off;
}

#endif /* SL_HELPER_CONF_H */
