/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SELECT_H
#define SL_SELECT_H

#include "flow.h"
#include "host.h"
#include "sub.h"

struct sl_worker;

/** The IPv6 host or subscriber that an inside address stands for, or NULL. */
const struct sl_host *sl_select_host(const struct sl_worker *w, rte_be32_t in);

/** Is something of these ends selected, by tenant, inside, outside and pool? */
bool sl_select_ends(const struct sl_worker *w, const struct sl_select *s, uint16_t tenant,
	rte_be32_t in, rte_be32_t out);

/** Is this session selected? */
bool sl_select_flow(const struct sl_worker *w, const struct sl_select *s, const struct sl_flow *f);

/** Does this subscriber hold as much as the selection wants? */
bool sl_select_busy(const struct sl_select *s, const struct sl_sub *sub);

#endif /* SL_SELECT_H */
