/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_LEASE_STATE_H
#define SL_LEASE_STATE_H

#include "lease_table.h"

/** The store, between its files. */
struct sl_leases {
	struct sl_leases_params params;
	struct sl_lease_policy policy; /* with every number filled in */
	struct sl_lease_table table;
	struct sl_lease_counts counts;
	uint32_t again; /* entries from here on are yet to be held once more */
	uint32_t again_end; /* up to here */
};

/* ---- lease_policy.c ---- */

/** Milliseconds that a wish is granted. */
uint64_t sl_lease_lifetime(const struct sl_leases *ls, const struct sl_lease_request *r);

/** Is this an outside port for hosts? */
bool sl_lease_port_allowed(const struct sl_leases *ls, rte_be16_t port);

/** Is the wish complete, and the client's to utter? 0, -EINVAL, -EPERM. */
int sl_lease_allowed(const struct sl_leases *ls, const struct sl_lease_request *r);

/** Is there room for one more of this host's? 0, -EDQUOT, -ENOSPC. */
int sl_lease_room(const struct sl_leases *ls, unsigned int tenant, rte_be32_t in_addr);

/* ---- lease_text.c ---- */

/** Make a description fit to be shown, written and sent, in its place. */
void sl_lease_clean(char *text);

/* ---- lease_place.c: what the store asks the gateway ---- */

/**
 * Find a place for a lease that has none, or hold the place it has.
 * @param e  endpoints and the end are set; out_port 0: any, out_addr 0: where the host is
 * @return 0 with out_addr, out_port and forward filled in, or as sl_lease_open()
 */
int sl_lease_place(struct sl_leases *ls, struct sl_lease_entry *e, bool exact, uint64_t now);

/** Give up a lease's place. 0, or -ETIMEDOUT, -ENOBUFS: it is still there. */
int sl_lease_unplace(struct sl_leases *ls, const struct sl_lease_entry *e);

#endif /* SL_LEASE_STATE_H */
