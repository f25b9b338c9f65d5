/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include "box.h"
#include "lease.h"
#include "reserve.h"

/** Puts a configuration into force, as box_apply(). */
typedef int exception_apply_fn(struct box *box, struct sl_config *config, char *why, size_t size);

/** Leases that live as forwards in the configuration; embedded. Control lcore only. */
struct exceptions {
	struct box *box;
	exception_apply_fn *apply;
	struct sl_config *next; /**< changed and not in force yet, within a batch */
	bool batch;
	bool applying; /**< what comes into force now is ours */
	struct reserve reserve; /**< those of them that would be the kernel's ports */
	uint64_t busy; /**< until then, milliseconds, what was done so far counts */
};

/**
 * Have a lease's forward, made or as it is now; 0, -EADDRINUSE: the port is somebody's,
 * -EADDRNOTAVAIL: the address is not its tenant's, -ENOSPC, -ENOBUFS: too much of this at once,
 * -ENOMEM, -EINVAL. Within a batch it comes into force at its end.
 */
int exception_set(struct exceptions *x, const struct sl_lease *lease);

/** Take a lease's forward away, if there is one; 0, -ENOBUFS, -ENOMEM. */
int exception_clear(struct exceptions *x, const struct sl_lease *lease);

/** The end: what was collected is not put into force any more. */
void exception_fini(struct exceptions *x);

/** From here on changes are collected, until the end of the same turn of control. */
void exception_begin(struct exceptions *x);

/** Put what was collected into force. */
void exception_end(struct exceptions *x);

/**
 * Give a configuration that was read from elsewhere the leased forwards of the one in force, as far
 * as their tenants and endpoints are free in it; 0 or -ENOMEM.
 */
int exception_carry(const struct sl_config *running, struct sl_config *config);

/** Does the box itself serve this port of an outside address? */
bool exception_is_service(
	const struct sl_config *config, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/**
 * The outside address of a forward that an earlier run's lease had at the wanted port, and that
 * waits for this request's lease to take it over; 0: none.
 */
rte_be32_t exception_waits(const struct sl_config *config, const struct sl_map_request *request);

#endif /* EXCEPTION_H */
