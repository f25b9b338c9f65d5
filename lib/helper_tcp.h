/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_TCP_H
#define SL_HELPER_TCP_H

#include "helper_state.h"

/** A stream for a flow's packets; NULL when there is none left. */
struct sl_stream *sl_helper_tcp_begin(struct sl_helper_flow *f);

#endif /* SL_HELPER_TCP_H */
