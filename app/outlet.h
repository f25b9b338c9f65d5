/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef OUTLET_H
#define OUTLET_H

#include "ipfix.h"
#include "sink.h"
#include "syslog.h"

/** A sink with the format of what goes there. Control lcore only. */
struct outlet {
	struct sink sink;
	struct ipfix ipfix; /**< the message under way, for IPFIX */
	uint64_t templates; /**< when they were sent; 0: to be sent before the next record */
};

/** The time, twice. */
struct outlet_time {
	uint64_t now; /**< monotonic milliseconds */
	uint64_t wall; /**< milliseconds since 1970, UTC */
};

/** A new one, or NULL without memory; that it cannot be reached is no failure. */
struct outlet *outlet_create(const struct sl_log_sink *to);

/** Close it; a message under way is sent. NULL is fine. */
void outlet_destroy(struct outlet *o, const struct outlet_time *t);

/** Hand it a record, which it sends if it wants it, at the latest with outlet_flush(). */
void outlet_put(struct outlet *o, const struct syslog_origin *origin,
	const struct record_view *view, const struct outlet_time *t);

/** Send what is under way. */
void outlet_flush(struct outlet *o, const struct outlet_time *t);

/** Once a second: open what is not open, send templates that are due. */
void outlet_tick(struct outlet *o, const struct outlet_time *t);

/** Is it the same place, so that only what it wants may differ? */
bool outlet_is_for(const struct outlet *o, const struct sl_log_sink *to);

#endif /* OUTLET_H */
