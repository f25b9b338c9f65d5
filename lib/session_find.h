/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SESSION_FIND_H
#define SL_SESSION_FIND_H

#include "flow.h"

struct sl_worker;

/** The flow of a packet's key, or NULL; it may have expired. */
struct sl_flow *sl_session_find(struct sl_worker *w, const struct sl_key *key);

#endif /* SL_SESSION_FIND_H */
