/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LEASEFILE_H
#define LEASEFILE_H

#include <stdbool.h>

#include "lease.h"
#include "pcp.h"

/** Leases on disk, so that they outlive a restart; embedded, but for pcp and aliases zeroed at first. Control
 * only. */
struct leasefile {
	struct sl_pcp *pcp; /**< whose epoch goes with the leases */
	struct aliases *aliases; /**< IPv6 hosts that have them */
	char path[SL_LEASE_FILE_MAX]; /**< empty: none */
	char *text; /**< of the file, while it is read */
	size_t len, at;
	unsigned int line, back, lost; /**< read so far: lines, leases that are back or not */
	bool dirty; /**< what is on disk is old */
	bool failed; /**< the last write did not work, which was said */
	uint64_t due; /**< not to be written before */
};

/** Take another file: write the old one if it is old, begin to read the new one. "" is none. */
void leasefile_use(struct leasefile *f, const char *path, const struct sl_leases *leases,
	const struct sl_config *config, uint64_t now);

/** The store has changed. */
void leasefile_touch(struct leasefile *f);

/** Read or write a piece if it is time; when to be called again. */
uint64_t leasefile_poll(struct leasefile *f, struct sl_leases *leases,
	const struct sl_config *config, uint64_t now);

/** The end: write what has changed, free what is held. */
void leasefile_fini(struct leasefile *f, const struct sl_leases *leases,
	const struct sl_config *config, uint64_t now);

#endif /* LEASEFILE_H */
