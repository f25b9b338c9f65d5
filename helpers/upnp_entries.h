/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_ENTRIES_H
#define SL_UPNP_ENTRIES_H

#include "upnp_actions.h"

/* Arguments of actions on port mappings. */
const char *sl_entry_text(const struct sl_upnp_call *call, const char *name);
uint32_t sl_entry_number(const struct sl_upnp_call *call, const char *name);
uint8_t sl_entry_proto(const struct sl_upnp_call *call);

/** NewRemoteHost, 0 for anyone; false: neither that nor an address. */
bool sl_entry_remote(const struct sl_upnp_call *call, rte_be32_t *remote);

/** May this host see and change what leads to others? */
bool sl_entry_for_others(const struct sl_igd *igd, rte_be32_t client);

/** May it see and change this lease? */
bool sl_entry_theirs(const struct sl_igd *igd, rte_be32_t client, const struct sl_lease *lease);

/** The lease that has an outside port as a host sees it; false: none has. */
bool sl_entry_find(const struct sl_upnp_call *call, rte_be32_t host, uint8_t proto, rte_be16_t port,
	struct sl_lease *lease);

/** The entry that the arguments name, if it may be looked at; 0 or an error. */
int sl_entry_named(struct sl_upnp_call *call, struct sl_lease *lease);

/** Seconds that are left, rounded up. */
uint32_t sl_entry_seconds(const struct sl_lease *lease, uint64_t now);

/** Which leases, and what to do with them; fields that are 0 exclude nothing. */
struct sl_entry_list {
	const struct sl_igd *igd;
	rte_be32_t client;
	bool everybody; /**< found out by sl_entry_list() */
	uint8_t proto;
	uint16_t start, end; /**< outside ports */
	unsigned int skip, most; /**< of those that match */
	unsigned int n; /**< taken */
	void (*fn)(void *arg, const struct sl_lease *lease); /**< may be NULL */
	void *arg;
};

/** Call fn for each; how many there were. */
unsigned int sl_entry_list(struct sl_entry_list *l);

/** A fn that copies a lease to arg. */
void sl_entry_copy(void *arg, const struct sl_lease *lease);

#endif /* SL_UPNP_ENTRIES_H */
