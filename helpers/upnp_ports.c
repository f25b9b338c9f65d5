/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Port mappings made and deleted by WANIPConnection.
 *
 * A host opens ports to itself. A port that is somebody else's is refused with 718 when asked
 * for, and with 606 when it is to be deleted. What PCP made has a secret that is needed to
 * change it, and is PCP's to change: 729 (version 1 has no such code: 718).
 *
 * The store has one outside endpoint for an inside one and one owner for an outside endpoint:
 * a second outside port for the same inside port, and mappings for several remote hosts side by
 * side, are conflicts. 724 and 725 are never answered: outside and inside port may differ, and
 * all leases end. A lease of 0 lasts as long as the policy lets it, by version 2 a week.
 */
#include "upnp_entries.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>

/* ---- adding ---- */

static int
conflict(const struct sl_upnp_call *call, const struct sl_lease *lease)
{
	return call->version >= 2 && (lease->out_port == 0 || lease->origin == SL_LEASE_PCP)
		       ? SL_UPNP_OTHER_MECHANISM
		       : SL_UPNP_CONFLICT;
}

static int
error_of(const struct sl_upnp_call *call, int rc, const struct sl_lease *lease)
{
	switch (rc) {
	case 0:
		return 0;
	case -EINVAL:
		return SL_UPNP_INVALID_ARGS;
	case -EPERM:
	case -EACCES:
		return SL_UPNP_NOT_AUTHORIZED;
	case -EEXIST:
	case -EADDRINUSE:
		return conflict(call, lease);
	case -EDQUOT:
	case -ENOSPC:
		return call->version >= 2 ? SL_UPNP_NO_PORT : SL_UPNP_ACTION_FAILED;
	}
	return SL_UPNP_ACTION_FAILED;
}

/* As much of it as there is room for, on one line, no character cut. */
static void
describe(struct sl_lease *lease, const char *text)
{
	size_t n = strnlen(text, sizeof(lease->description) - 1);

	while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++)
		lease->description[i] = (uint8_t)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
	lease->description[n] = '\0';
}

/* Ports below 1024 are for those whom the operator lets have them (version 2 section 2.6). */
static bool
may_have_port(const struct sl_igd *igd, rte_be16_t in_port)
{
	const struct sl_lease_policy *policy = sl_leases_policy(igd->leases);

	return rte_be_to_cpu_16(in_port) >= 1024 ||
	       (policy->port_min != 0 && policy->port_min < 1024);
}

static int
read_request(const struct sl_upnp_call *call, struct sl_lease_request *r)
{
	struct sl_lease *l = &r->lease;
	uint32_t seconds = sl_entry_number(call, "NewLeaseDuration");

	memset(r, 0, sizeof(*r));
	if (!sl_entry_remote(call, &l->rem_addr) ||
		inet_pton(AF_INET, sl_entry_text(call, "NewInternalClient"), &l->in_addr) != 1)
		return SL_UPNP_INVALID_ARGS;
	l->origin = SL_LEASE_UPNP;
	l->tenant = (uint16_t)call->igd->tenant;
	l->proto = sl_entry_proto(call);
	l->enabled = sl_entry_number(call, "NewEnabled") != 0;
	l->in_port = rte_cpu_to_be_16((uint16_t)sl_entry_number(call, "NewInternalPort"));
	l->out_port = rte_cpu_to_be_16((uint16_t)sl_entry_number(call, "NewExternalPort"));
	describe(l, sl_entry_text(call, "NewPortMappingDescription"));
	r->client = call->client;
	r->third_party = sl_entry_for_others(call->igd, call->client);
	r->exact = true;
	r->seconds = seconds == 0 && call->version >= 2 ? SL_UPNP_LEASE_MAX : seconds;
	if (l->out_port == 0)
		return SL_UPNP_WILDCARD_EXT_PORT;
	if ((l->in_addr != call->client && !r->third_party) ||
		!may_have_port(call->igd, l->in_port))
		return SL_UPNP_NOT_AUTHORIZED;
	return 0;
}

/* One's own entry with another inside port is written over (version 1 section 2.4.16); what was
 * there comes back when the new one is not to be had. */
static int
move(struct sl_upnp_call *call, const struct sl_lease_request *r, const struct sl_lease *old)
{
	struct sl_leases *leases = call->igd->leases;
	struct sl_lease_request back = {
		.lease = *old, .client = old->in_addr, .exact = true, .third_party = r->third_party
	};
	struct sl_lease lease = { 0 }, unused;
	int rc = sl_lease_close(leases, old);

	if (rc == 0)
		rc = sl_lease_open(leases, r, call->now, &lease);
	if (rc != 0) {
		back.seconds = sl_entry_seconds(old, call->now);
		(void)sl_lease_open(leases, &back, call->now, &unused);
	}
	return error_of(call, rc, &lease);
}

int
sl_upnp_add(struct sl_upnp_call *call)
{
	struct sl_lease_request r;
	struct sl_lease lease = { 0 };
	int rc = read_request(call, &r);

	if (rc != 0)
		return rc;
	if (sl_entry_find(call, r.lease.in_addr, r.lease.proto, r.lease.out_port, &lease)) {
		if (lease.origin == SL_LEASE_PCP || lease.in_addr != r.lease.in_addr ||
			lease.rem_addr != r.lease.rem_addr)
			return conflict(call, &lease);
		if (lease.in_port != r.lease.in_port)
			return move(call, &r, &lease);
	}
	memset(&lease, 0, sizeof(lease));
	rc = sl_lease_open(call->igd->leases, &r, call->now, &lease);
	return error_of(call, rc, &lease);
}

/* Version 2 section 2.5.18: this outside port or another one. Who has one for the inside port
 * keeps it. */
int
sl_upnp_add_any(struct sl_upnp_call *call)
{
	struct sl_lease_request r;
	struct sl_lease lease = { 0 };
	int rc = read_request(call, &r);

	if (rc != 0)
		return rc;
	r.exact = false;
	if (sl_lease_of(call->igd->leases, call->igd->tenant, r.lease.proto, r.lease.in_addr,
		    r.lease.in_port, &lease)) {
		if (lease.origin == SL_LEASE_PCP || lease.rem_addr != r.lease.rem_addr)
			return conflict(call, &lease);
		r.lease.out_port = lease.out_port;
		r.exact = true;
	}
	memset(&lease, 0, sizeof(lease));
	rc = sl_lease_open(call->igd->leases, &r, call->now, &lease);
	if (rc == 0)
		sl_upnp_give(call, "%u", rte_be_to_cpu_16(lease.out_port));
	return error_of(call, rc, &lease);
}

/* ---- deleting ---- */

/* Whether it may be was asked before. */
static int
remove_entry(const struct sl_upnp_call *call, const struct sl_lease *lease)
{
	int rc;

	if (lease->origin == SL_LEASE_PCP)
		return SL_UPNP_NOT_AUTHORIZED;
	rc = sl_lease_close(call->igd->leases, lease);
	if (rc == -ENOENT)
		return SL_UPNP_NO_SUCH_ENTRY;
	return error_of(call, rc, lease);
}

int
sl_upnp_delete(struct sl_upnp_call *call)
{
	struct sl_lease lease;
	int rc = sl_entry_named(call, &lease);

	return rc != 0 ? rc : remove_entry(call, &lease);
}

int
sl_upnp_delete_range(struct sl_upnp_call *call)
{
	struct sl_lease lease;
	struct sl_entry_list l = {
		.igd = call->igd,
		.client = call->client,
		.proto = sl_entry_proto(call),
		.start = (uint16_t)sl_entry_number(call, "NewStartPort"),
		.end = (uint16_t)sl_entry_number(call, "NewEndPort"),
		.most = 1,
		.fn = sl_entry_copy,
		.arg = &lease,
	};
	unsigned int deleted = 0, kept = 0;

	if (l.start > l.end)
		return SL_UPNP_INCONSISTENT;
	/* One at a time, since the store must not change under a walk. */
	for (;;) {
		struct sl_entry_list next = l;

		next.skip = kept;
		if (l.end == 0 || sl_entry_list(&next) == 0)
			break;
		if (remove_entry(call, &lease) == 0)
			deleted++;
		else
			kept++;
	}
	if (deleted > 0)
		return 0;
	return kept > 0 ? SL_UPNP_NOT_AUTHORIZED : SL_UPNP_RANGE_EMPTY;
}
