/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_WITH_H
#define SL_SIX_WITH_H

#include "six_xlat.h"
#include "state.h"

/** What the packets of a host need beside them, by where they go. */
static inline struct sl_xlat
sl_six_with(const struct sl_worker *w, const struct sl_host *h, enum sl_side to)
{
	return (struct sl_xlat){
		.host = h,
		.mtu4 = w->snap->mtu[SL_OUTSIDE],
		.mtu6 = w->snap->mtu[SL_INSIDE],
		.checksum = w->snap->checksum6,
		.tos = w->snap->tos[to],
		.tos_mask = w->snap->tos_mask[to],
	};
}

#endif /* SL_SIX_WITH_H */
