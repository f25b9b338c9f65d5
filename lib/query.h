/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_QUERY_H
#define SL_QUERY_H

struct sl_msg;
struct sl_worker;

/** Answer one request of control: a bounded part of a walk. */
void sl_query(struct sl_worker *w, struct sl_msg *msg);

#endif /* SL_QUERY_H */
