/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_DESCRIBE_H
#define SL_DESCRIBE_H

struct sl_flow;
struct sl_map;
struct sl_mapping;
struct sl_session;
struct sl_sub;
struct sl_subscriber;
struct sl_worker;

/** Copy a flow that is in the worker's table, a mapping, a subscriber for control. */
void sl_describe_session(const struct sl_worker *w, const struct sl_flow *f, struct sl_session *s);
void sl_describe_mapping(const struct sl_worker *w, const struct sl_map *m, struct sl_mapping *to);
void sl_describe_subscriber(
	const struct sl_worker *w, const struct sl_sub *s, struct sl_subscriber *to);

#endif /* SL_DESCRIBE_H */
