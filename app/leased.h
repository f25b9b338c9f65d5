/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LEASED_H
#define LEASED_H

#include "box.h"
#include "exception.h"
#include "lease.h"

/**
 * Make the store and, later, its doors; 0 or -errno. After gateway and kernel.
 * @param apply  box_apply()
 */
int leased_create(struct box *box, exception_apply_fn *apply);

/**
 * Close the doors: those who listen are told, while the workers can still carry it.
 * @return true when there was one
 */
bool leased_leave(struct box *box);

/** Write what is to be written, close the doors, free it. Fine when there is none. */
void leased_destroy(struct box *box);

/** Can this configuration's doors be? 0, or -EINVAL with a sentence in why. */
int leased_check(const struct box *box, const struct sl_config *config, char *why, size_t size);

/** A configuration has come into force. */
void leased_apply(struct box *box);

/** Do what is due; milliseconds until it wants to be called again. */
unsigned int leased_poll(struct box *box);

/**
 * Close what hosts have opened.
 * @param tenant   index, -1: of all
 * @param in_addr  of this host, 0: of all
 * @param n        gets how many were closed
 * @return 0, -ENOMEM, or -ETIMEDOUT: some could not be
 */
int leased_clear(struct box *box, int tenant, rte_be32_t in_addr, unsigned int *n);

/** The store; NULL before leased_create(). */
struct sl_leases *leased_store(const struct box *box);

/** The address by which the store knows an IPv6 host, see alias.h; 0 without memory. */
rte_be32_t leased_alias(struct box *box, unsigned int tenant, const struct sl_ip6 *addr);

/** The inside endpoint of a lease, as people write it. */
const char *leased_inside(const struct box *box, const struct sl_lease *lease);

/** Is UPnP (or NAT-PMP and PCP) switched on for a tenant? */
bool leased_upnp(const struct sl_config *config, unsigned int tenant);
bool leased_pcp(const struct sl_config *config, unsigned int tenant);

#endif /* LEASED_H */
