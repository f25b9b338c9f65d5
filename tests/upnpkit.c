/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Behind upnpkit.h: a worker that has one mapping for an inside endpoint, as the real ones.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "upnpkit.h"

rte_be32_t
kit_addr(const char *text)
{
	rte_be32_t addr;
	int rc = inet_pton(AF_INET, text, &addr);

	assert(rc == 1);
	return rc == 1 ? addr : 0;
}

static struct kit_mapping *
find_inside(struct kit *kit, const struct sl_map_request *q)
{
	for (unsigned int i = 0; i < RTE_DIM(kit->mapping); i++) {
		struct kit_mapping *m = &kit->mapping[i];

		if (m->live && m->q.proto == q->proto && m->q.in_addr == q->in_addr &&
			m->q.in_port == q->in_port)
			return m;
	}
	return NULL;
}

static bool
is_taken(struct kit *kit, uint8_t proto, rte_be16_t port)
{
	if (port == RTE_BE16(KIT_TAKEN))
		return true;
	for (unsigned int i = 0; i < RTE_DIM(kit->mapping); i++)
		if (kit->mapping[i].live && kit->mapping[i].q.proto == proto &&
			kit->mapping[i].q.out_port == port)
			return true;
	return false;
}

static int
add_mapping(struct kit *kit, struct sl_map_request *q)
{
	struct kit_mapping *m = find_inside(kit, q);
	uint16_t port = 20000;

	q->out_addr = kit->outside;
	if (m != NULL && m->q.out_port != q->out_port && q->exact)
		return -EADDRINUSE;
	if (m == NULL && q->out_port != 0 && is_taken(kit, q->proto, q->out_port)) {
		if (q->exact)
			return -EADDRINUSE;
		q->out_port = 0;
	}
	for (unsigned int i = 0; m == NULL; i++) {
		if (i == RTE_DIM(kit->mapping))
			return -ENOSPC;
		if (!kit->mapping[i].live)
			m = &kit->mapping[i];
	}
	if (m->live)
		q->out_port = m->q.out_port;
	while (q->out_port == 0)
		if (!is_taken(kit, q->proto, rte_cpu_to_be_16(++port)))
			q->out_port = rte_cpu_to_be_16(port);
	m->live = true;
	m->q = *q;
	return 0;
}

static int
ask(void *arg, enum sl_msg_op op, struct sl_map_request *q)
{
	struct kit_mapping *m;
	struct kit *kit = arg;

	q->status = 0;
	if (op == SL_MSG_MAP_ADD) {
		q->status = add_mapping(kit, q);
		return 0;
	}
	m = find_inside(kit, q);
	if (m == NULL)
		q->status = -ENOENT;
	else
		m->live = false;
	return 0;
}

static int
holder(void *arg, uint8_t proto, rte_be32_t addr, rte_be16_t port, struct sl_mapping *mapping)
{
	(void)arg;
	(void)proto;
	(void)addr;
	(void)port;
	memset(mapping, 0, sizeof(*mapping));
	return -ENOENT;
}

static int
forward(void *arg, const struct sl_lease *lease, bool add)
{
	(void)arg;
	(void)lease;
	return add ? -EADDRINUSE : 0;
}

static rte_be32_t
outside(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	const struct kit *kit = arg;

	(void)tenant;
	return (in_addr & RTE_BE32(0xffff0000)) == RTE_BE32(0x0a090000) ? 0 : kit->outside;
}

static void
changed(void *arg, enum sl_lease_change change, const struct sl_lease *lease)
{
	struct kit *kit = arg;

	(void)change;
	(void)lease;
	kit->changes++;
	kit->igd.update_id++;
}

static void
figures(void *arg, struct sl_upnp_figures *f)
{
	const struct kit *kit = arg;

	*f = kit->figures;
}

void
kit_configure(struct kit *kit)
{
	int rc = sl_leases_configure(kit->leases, &kit->policy);

	assert(rc == 0);
	(void)rc;
}

struct kit *
kit_create(unsigned int version)
{
	struct kit *kit = calloc(1, sizeof(*kit));
	struct sl_leases_params params = {
		.max = 256,
		.arg = kit,
		.ask = ask,
		.holder = holder,
		.forward = forward,
		.outside = outside,
		.changed = changed,
	};

	assert(kit != NULL);
	kit->leases = sl_leases_create(&params);
	assert(kit->leases != NULL);
	kit->now = 1000000;
	kit->outside = kit_addr("192.0.2.1");
	kit->figures = (struct sl_upnp_figures){ .bytes_sent = 5, .up = true, .uptime = 77 };
	kit->igd.leases = kit->leases;
	kit->igd.version = version;
	kit->igd.arg = kit;
	kit->igd.figures = figures;
	for (unsigned int i = 0; i < 3; i++)
		sl_uuid_name((const uint8_t[16]){ 1 }, &i, sizeof(i), kit->igd.udn[i]);
	return kit;
}

void
kit_destroy(struct kit *kit)
{
	sl_leases_destroy(kit->leases);
	sl_text_fini(&kit->answer);
	free(kit);
}

unsigned int
kit_post(struct kit *kit, const char *client, unsigned int service, const char *header,
	const char *body, size_t n)
{
	struct sl_soap_request request = {
		.service = &sl_upnp_services[service],
		.header = header,
		.body = body,
		.n = n,
		.client = kit_addr(client),
		.now = kit->now,
	};
	unsigned int status;

	sl_text_clear(&kit->answer);
	status = sl_soap_answer(&kit->igd, &request, &kit->answer);
	if (status != 500)
		return status;
	return (unsigned int)atoi(kit_value(kit, "errorCode"));
}

unsigned int
kit_call(struct kit *kit, const char *client, unsigned int service, const char *action,
	const char *args)
{
	const struct sl_upnp_service *s = &sl_upnp_services[service];
	struct sl_text header = { 0 }, body = { 0 };
	unsigned int status;

	sl_text_add(&header, "\"urn:schemas-upnp-org:service:%s:%u#%s\"", s->type,
		s->version[kit->igd.version], action);
	sl_text_add(&body,
		"<?xml version=\"1.0\"?>\r\n<s:Envelope "
		"xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
		"s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
		"<u:%s xmlns:u=\"urn:schemas-upnp-org:service:%s:%u\">",
		action, s->type, s->version[kit->igd.version]);
	while (args != NULL && *args != '\0') {
		int name = (int)strcspn(args, "="), value = (int)strcspn(args, "\n") - name - 1;

		sl_text_add(
			&body, "<%.*s>%.*s</%.*s>", name, args, value, args + name + 1, name, args);
		args += name + 1 + value;
		args += *args == '\n';
	}
	sl_text_add(&body, "</u:%s></s:Body></s:Envelope>\r\n", action);
	status = kit_post(kit, client, service, header.p, body.p, body.n);
	sl_text_fini(&header);
	sl_text_fini(&body);
	return status;
}

const char *
kit_value(struct kit *kit, const char *name)
{
	char open[80], close[80];
	const char *from, *to;

	snprintf(open, sizeof(open), "<%s>", name);
	snprintf(close, sizeof(close), "</%s>", name);
	from = kit->answer.p != NULL ? strstr(kit->answer.p, open) : NULL;
	to = from != NULL ? strstr(from, close) : NULL;
	if (to == NULL)
		return "";
	from += strlen(open);
	snprintf(kit->value, sizeof(kit->value), "%.*s", (int)(to - from), from);
	return kit->value;
}

unsigned int
kit_add(struct kit *kit, const char *client, unsigned int ext, const char *host, unsigned int in,
	unsigned int seconds)
{
	char args[512];

	snprintf(args, sizeof(args),
		"NewRemoteHost=\nNewExternalPort=%u\nNewProtocol=TCP\nNewInternalPort=%u\n"
		"NewInternalClient=%s\nNewEnabled=1\nNewPortMappingDescription=test\n"
		"NewLeaseDuration=%u",
		ext, in, host, seconds);
	return kit_call(kit, client, KIT_IPC, "AddPortMapping", args);
}
