/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Port mappings as a host sees them, over the store of leases.
 *
 * A host sees, changes and deletes what leads to itself; who else has which port is nobody's
 * business where hosts are strangers to each other. So lists and PortMappingNumberOfEntries are
 * the asking host's own, in the order in which they were made, with what it got by NAT-PMP and
 * PCP; the operator's port forwards are not in them. Hosts of the policy's third-party networks
 * see everybody's of their tenant. An entry that is somebody else's is looked at with 606.
 */
#include "upnp_entries.h"

#include <arpa/inet.h>
#include <string.h>

#include <rte_byteorder.h>

const char *
sl_entry_text(const struct sl_upnp_call *call, const char *name)
{
	return call->in[sl_upnp_arg(call, name)];
}

uint32_t
sl_entry_number(const struct sl_upnp_call *call, const char *name)
{
	return call->number[sl_upnp_arg(call, name)];
}

uint8_t
sl_entry_proto(const struct sl_upnp_call *call)
{
	return sl_entry_text(call, "NewProtocol")[0] == 'T' ? IPPROTO_TCP : IPPROTO_UDP;
}

/* Empty is anyone (section 2.2.17); some clients write it in other ways. A name is of no use:
 * the address that it has now may be another host's tomorrow. */
bool
sl_entry_remote(const struct sl_upnp_call *call, rte_be32_t *remote)
{
	const char *s = sl_entry_text(call, "NewRemoteHost");

	*remote = 0;
	return *s == '\0' || strcmp(s, "*") == 0 || inet_pton(AF_INET, s, remote) == 1;
}

static const char *
address_text(rte_be32_t addr, char text[INET_ADDRSTRLEN])
{
	text[0] = '\0';
	if (addr != 0)
		inet_ntop(AF_INET, &addr, text, INET_ADDRSTRLEN);
	return text;
}

/* ---- whose ---- */

bool
sl_entry_for_others(const struct sl_igd *igd, rte_be32_t client)
{
	const struct sl_lease_policy *policy = sl_leases_policy(igd->leases);

	for (unsigned int i = 0; i < policy->n_third_party; i++) {
		const struct sl_ifaddr *net = &policy->third_party[i];
		uint32_t differ = rte_be_to_cpu_32(net->addr ^ client);

		if (net->plen == 0 || differ >> (32 - net->plen) == 0)
			return true;
	}
	return false;
}

bool
sl_entry_theirs(const struct sl_igd *igd, rte_be32_t client, const struct sl_lease *lease)
{
	return lease->in_addr == client || sl_entry_for_others(igd, client);
}

/* The lease that has this outside port as this host sees it; false: none has. */
bool
sl_entry_find(const struct sl_upnp_call *call, rte_be32_t host, uint8_t proto, rte_be16_t port,
	struct sl_lease *lease)
{
	const struct sl_igd *igd = call->igd;
	rte_be32_t outside = sl_lease_outside(igd->leases, igd->tenant, host);

	if (sl_lease_at(igd->leases, igd->tenant, proto, outside, port, lease))
		return !lease->peer;
	/* A host may have ports at an address that it got before. */
	return outside != 0 && sl_lease_at(igd->leases, igd->tenant, proto, 0, port, lease) &&
	       !lease->peer && sl_entry_theirs(igd, call->client, lease);
}

/* ---- looking ---- */

static void
list_one(void *arg, const struct sl_lease *lease)
{
	struct sl_entry_list *l = arg;
	uint16_t port = rte_be_to_cpu_16(lease->out_port);

	if (lease->tenant != l->igd->tenant || lease->peer || l->n == l->most)
		return;
	if (!l->everybody && lease->in_addr != l->client)
		return;
	if ((l->proto != 0 && lease->proto != l->proto) || port < l->start || port > l->end)
		return;
	if (l->skip > 0) {
		l->skip--;
		return;
	}
	l->n++;
	if (l->fn != NULL)
		l->fn(l->arg, lease);
}

/* How many there were. */
unsigned int
sl_entry_list(struct sl_entry_list *l)
{
	l->everybody = sl_entry_for_others(l->igd, l->client);
	if (l->end == 0)
		l->end = UINT16_MAX;
	if (l->most == 0)
		l->most = UINT16_MAX;
	sl_lease_walk(l->igd->leases, list_one, l);
	return l->n;
}

void
sl_entry_copy(void *arg, const struct sl_lease *lease)
{
	*(struct sl_lease *)arg = *lease;
}

void
sl_upnp_value_entries(struct sl_igd *igd, rte_be32_t client, struct sl_text *out)
{
	struct sl_entry_list l = { .igd = igd, .client = client };

	sl_text_add(out, "%u", sl_entry_list(&l));
}

/* Of a lease that has just been made all of it is left. */
uint32_t
sl_entry_seconds(const struct sl_lease *lease, uint64_t now)
{
	return lease->expires > now ? (uint32_t)((lease->expires - now + 999) / 1000) : 0;
}

static void
give_inside(struct sl_upnp_call *call, const struct sl_lease *lease)
{
	char host[INET_ADDRSTRLEN];

	sl_upnp_give(call, "%u", rte_be_to_cpu_16(lease->in_port));
	sl_upnp_give(call, "%s", address_text(lease->in_addr, host));
	sl_upnp_give(call, "%d", lease->enabled);
	sl_upnp_give(call, "%s", lease->description);
	sl_upnp_give(call, "%u", sl_entry_seconds(lease, call->now));
}

int
sl_upnp_get_generic(struct sl_upnp_call *call)
{
	struct sl_lease lease;
	struct sl_entry_list l = {
		.igd = call->igd,
		.client = call->client,
		.skip = sl_entry_number(call, "NewPortMappingIndex"),
		.most = 1,
		.fn = sl_entry_copy,
		.arg = &lease,
	};
	char remote[INET_ADDRSTRLEN];

	if (sl_entry_list(&l) == 0)
		return SL_UPNP_INDEX_INVALID;
	sl_upnp_give(call, "%s", address_text(lease.rem_addr, remote));
	sl_upnp_give(call, "%u", rte_be_to_cpu_16(lease.out_port));
	sl_upnp_give(call, "%s", lease.proto == IPPROTO_TCP ? "TCP" : "UDP");
	give_inside(call, &lease);
	return 0;
}

/* The entry that the arguments name, if it may be looked at. */
int
sl_entry_named(struct sl_upnp_call *call, struct sl_lease *lease)
{
	rte_be16_t port = rte_cpu_to_be_16((uint16_t)sl_entry_number(call, "NewExternalPort"));
	rte_be32_t remote;

	if (!sl_entry_remote(call, &remote))
		return SL_UPNP_INVALID_ARGS;
	if (!sl_entry_find(call, call->client, sl_entry_proto(call), port, lease))
		return SL_UPNP_NO_SUCH_ENTRY;
	if (!sl_entry_theirs(call->igd, call->client, lease))
		return SL_UPNP_NOT_AUTHORIZED;
	return lease->rem_addr == remote ? 0 : SL_UPNP_NO_SUCH_ENTRY;
}

int
sl_upnp_get_specific(struct sl_upnp_call *call)
{
	struct sl_lease lease;
	int rc = sl_entry_named(call, &lease);

	if (rc == 0)
		give_inside(call, &lease);
	return rc;
}

struct port_list {
	struct sl_text text;
	uint64_t now;
};

/* Version 2 section 2.2.20 and its schema. */
static void
list_xml(void *arg, const struct sl_lease *lease)
{
	struct port_list *ports = arg;
	struct sl_text *t = &ports->text;
	char host[INET_ADDRSTRLEN], remote[INET_ADDRSTRLEN];

	sl_text_add(t,
		"<p:PortMappingEntry><p:NewRemoteHost>%s</p:NewRemoteHost>"
		"<p:NewExternalPort>%u</p:NewExternalPort><p:NewProtocol>%s</p:NewProtocol>"
		"<p:NewInternalPort>%u</p:NewInternalPort>"
		"<p:NewInternalClient>%s</p:NewInternalClient>"
		"<p:NewEnabled>%d</p:NewEnabled><p:NewDescription>",
		address_text(lease->rem_addr, remote), rte_be_to_cpu_16(lease->out_port),
		lease->proto == IPPROTO_TCP ? "TCP" : "UDP", rte_be_to_cpu_16(lease->in_port),
		address_text(lease->in_addr, host), lease->enabled);
	sl_text_xml(t, lease->description);
	sl_text_add(t,
		"</p:NewDescription><p:NewLeaseTime>%u</p:NewLeaseTime></p:PortMappingEntry>\n",
		sl_entry_seconds(lease, ports->now));
}

int
sl_upnp_get_list(struct sl_upnp_call *call)
{
	struct port_list ports = { .now = call->now };
	struct sl_entry_list l = {
		.igd = call->igd,
		.client = call->client,
		.proto = sl_entry_proto(call),
		.start = (uint16_t)sl_entry_number(call, "NewStartPort"),
		.end = (uint16_t)sl_entry_number(call, "NewEndPort"),
		.most = sl_entry_number(call, "NewNumberOfPorts"),
		.fn = list_xml,
		.arg = &ports,
	};
	int rc = 0;

	if (l.start > l.end)
		return SL_UPNP_INCONSISTENT;
	sl_text_add(&ports.text,
		"<p:PortMappingList xmlns:p=\"urn:schemas-upnp-org:gw:WANIPConnection\" "
		"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
		"xsi:schemaLocation=\"urn:schemas-upnp-org:gw:WANIPConnection "
		"http://www.upnp.org/schemas/gw/WANIPConnection-v2.xsd\">\n");
	if (l.end == 0 || sl_entry_list(&l) == 0)
		rc = SL_UPNP_RANGE_EMPTY;
	sl_text_add(&ports.text, "</p:PortMappingList>");
	if (rc == 0 && ports.text.failed)
		rc = SL_UPNP_ACTION_FAILED;
	if (rc == 0) {
		sl_text_add(call->out, "<%s>", call->action->out[call->n_out].name);
		sl_text_xml(call->out, ports.text.p);
		sl_text_add(call->out, "</%s>\n", call->action->out[call->n_out].name);
		call->n_out++;
	}
	sl_text_fini(&ports.text);
	return rc;
}
