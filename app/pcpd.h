/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PCPD_H
#define PCPD_H

#include "box.h"
#include "pcp.h"

/** The one outside address of a tenant's hosts; 0: they have several. */
rte_be32_t pcpd_only_outside(const struct sl_config *config, unsigned int tenant);

/** The box's PCP and NAT-PMP server, behind the doors of all tenants. Control lcore only. */
struct pcpd;

/** Can an inside address be a host of the tenant? */
typedef bool pcpd_possible_fn(void *arg, unsigned int tenant, rte_be32_t in_addr);

/** A server over the store, or NULL with errno. */
struct pcpd *pcpd_create(
	struct box *box, struct sl_leases *leases, pcpd_possible_fn *possible, void *arg);

/** Free it. NULL is fine. */
void pcpd_destroy(struct pcpd *pcpd);

/** A configuration has come into force: outside addresses may be others. */
void pcpd_apply(struct pcpd *pcpd);

/** The store has changed. */
void pcpd_changed(struct pcpd *pcpd, enum sl_lease_change change, const struct sl_lease *lease);

/** The server itself, for its epoch. */
struct sl_pcp *pcpd_server(struct pcpd *pcpd);

/** Answer a datagram, as sl_pcp_answer(). */
size_t pcpd_answer(struct pcpd *pcpd, const struct sl_pcp_peer *from, const uint8_t *request,
	size_t n, uint8_t reply[SL_PCP_MAX]);

/** Is it time for announcements at each door? next: when to ask again. */
bool pcpd_due(struct pcpd *pcpd, uint64_t now, uint64_t *next);

/** Announcement number i for a tenant, from 0; its bytes, 0 behind the last one. */
size_t pcpd_announcement(
	const struct pcpd *pcpd, unsigned int tenant, unsigned int i, uint8_t to[SL_PCP_MAX]);

#endif /* PCPD_H */
