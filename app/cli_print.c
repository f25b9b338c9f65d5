/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sessions, mappings and subscribers as lines and as JSON, for all statements that show some.
 *
 * Lines are those of conntrack -L in content: protocol, state, seconds left, endpoints,
 * traffic.
 */

#include <inttypes.h>

#include "cli.h"
#include "cli_print.h"
#include "helper.h"
#include "json.h"
#include "slots.h"

/* The configuration may have changed since it was asked for. */
const char *
print_tenant(const struct print *to, unsigned int tenant)
{
	return slots_no_tenant(to->config, tenant) ? "?" : to->config->tenant[tenant].name;
}

const char *
print_pool(const struct sl_config *config, unsigned int tenant)
{
	unsigned int pool = tenant < config->n_tenants ? config->tenant[tenant].pool : UINT32_MAX;

	return slots_no_pool(config, pool) ? "outside" : config->pool[pool].name;
}

static const char *
state_name(const struct sl_session *s)
{
	return s->tcp_state == SL_TCP_NONE ? "-" : sl_tcp_state_name(s->tcp_state);
}

static const char *
inside(bool six, const struct sl_ip6 *in6, rte_be32_t addr, rte_be16_t port)
{
	return six ? text_endpoint6(in6, port) : text_endpoint(addr, port);
}

/* The NAT64 prefix by which an IPv6 host goes; the configuration may have changed since. */
static const char *
nat64_name(const struct print *to, unsigned int nat64)
{
	const struct sl_config *c = to->config;

	return nat64 < c->n_nat64 && c->nat64[nat64].prefix.plen != 0
		       ? text_net6(&c->nat64[nat64].prefix)
		       : "?";
}

const char *
print_subscriber_name(const struct sl_subscriber *s)
{
	if (!s->six)
		return text_addr(s->in_addr);
	return s->in6.plen == 128 ? text_addr6(&s->in6.addr) : text_net6(&s->in6);
}

/* The name of a session's helper; "" for none. */
static const char *
helper_name(const struct sl_session *s)
{
	for (unsigned int i = 0; s->helper != 0 && sl_helpers[i] != NULL; i++)
		if (i + 1 == s->helper)
			return sl_helpers[i]->name;
	return "";
}

static void
session_text(const struct print *to, const struct sl_session *s)
{
	char proto[8];

	fprintf(to->out,
		"%s %s %u %s > %s nat %s packets %" PRIu64 "/%" PRIu64 " bytes %" PRIu64
		"/%" PRIu64,
		proto_name(s->proto, proto, sizeof(proto)), state_name(s), s->left / 1000,
		inside(s->six, &s->in6, s->in_addr, s->in_port),
		text_endpoint(s->rem_addr, s->rem_port), text_endpoint(s->out_addr, s->out_port),
		s->packets[0], s->packets[1], s->bytes[0], s->bytes[1]);
	if (s->tenant != 0)
		fprintf(to->out, " tenant %s", print_tenant(to, s->tenant));
	if (s->helper != 0)
		fprintf(to->out, " helper %s", helper_name(s));
	fprintf(to->out, "%s%s worker %u\n", s->opened_inbound ? " inbound" : "",
		s->forwarded ? " forwarded" : "", s->worker);
}

static void
session_json(const struct print *to, const struct sl_session *s)
{
	struct json *j = to->json;
	char proto[8];

	json_object(j, NULL);
	json_text(j, "protocol", proto_name(s->proto, proto, sizeof(proto)));
	json_text(j, "state", state_name(s));
	json_text(j, "tenant", print_tenant(to, s->tenant));
	json_text(j, "inside", inside(s->six, &s->in6, s->in_addr, s->in_port));
	if (s->six)
		json_text(j, "nat64", nat64_name(to, s->nat64));
	json_text(j, "remote", text_endpoint(s->rem_addr, s->rem_port));
	json_text(j, "outside", text_endpoint(s->out_addr, s->out_port));
	json_text(j, "pool", print_pool(to->config, s->tenant));
	json_flag(j, "inbound", s->opened_inbound);
	json_flag(j, "forwarded", s->forwarded);
	json_flag(j, "hairpin", s->hairpin);
	json_text(j, "helper", helper_name(s));
	json_number(j, "age_ms", s->age);
	json_number(j, "idle_ms", s->idle);
	json_number(j, "left_ms", s->left);
	json_number(j, "packets_out", s->packets[0]);
	json_number(j, "packets_in", s->packets[1]);
	json_number(j, "bytes_out", s->bytes[0]);
	json_number(j, "bytes_in", s->bytes[1]);
	json_number(j, "worker", s->worker);
	json_object_end(j);
}

void
print_session(const struct print *to, const struct sl_session *s)
{
	if (to->json != NULL)
		session_json(to, s);
	else
		session_text(to, s);
}

void
print_mapping(const struct print *to, const struct sl_mapping *m)
{
	struct json *j = to->json;
	char buf[8];
	const char *proto = proto_name(m->proto, buf, sizeof(buf));

	if (j == NULL) {
		fprintf(to->out, "%s %s nat %s sessions %u%s", proto,
			inside(m->six, &m->in6, m->in_addr, m->in_port),
			text_endpoint(m->out_addr, m->out_port), m->sessions,
			m->is_static ? " forward" : "");
		if (m->tenant != 0)
			fprintf(to->out, " tenant %s", print_tenant(to, m->tenant));
		fprintf(to->out, " worker %u\n", m->worker);
		return;
	}
	json_object(j, NULL);
	json_text(j, "protocol", proto);
	json_text(j, "tenant", print_tenant(to, m->tenant));
	json_text(j, "inside", inside(m->six, &m->in6, m->in_addr, m->in_port));
	if (m->six)
		json_text(j, "nat64", nat64_name(to, m->nat64));
	json_text(j, "outside", text_endpoint(m->out_addr, m->out_port));
	json_number(j, "sessions", m->sessions);
	json_flag(j, "forward", m->is_static);
	json_number(j, "worker", m->worker);
	json_object_end(j);
}

void
print_subscriber(const struct print *to, const struct sl_subscriber *s)
{
	struct json *j = to->json;

	if (j == NULL) {
		fprintf(to->out,
			"%s nat %s sessions %u ports tcp %u udp %u icmp %u refused %" PRIu64,
			print_subscriber_name(s), text_addr(s->out_addr), s->sessions, s->ports[0],
			s->ports[1], s->ports[2], s->refused);
		if (s->tenant != 0)
			fprintf(to->out, " tenant %s", print_tenant(to, s->tenant));
		fprintf(to->out, " worker %u\n", s->worker);
		return;
	}
	json_object(j, NULL);
	json_text(j, "tenant", print_tenant(to, s->tenant));
	json_text(j, "inside", print_subscriber_name(s));
	json_text(j, "outside", text_addr(s->out_addr));
	json_number(j, "sessions", s->sessions);
	json_number(j, "ports_tcp", s->ports[0]);
	json_number(j, "ports_udp", s->ports[1]);
	json_number(j, "ports_icmp", s->ports[2]);
	json_number(j, "blocks", s->blocks);
	json_number(j, "refused", s->refused);
	json_number(j, "worker", s->worker);
	json_object_end(j);
}

const char *
text_origin(enum sl_lease_origin origin)
{
	static const char *const origins[] = { "upnp", "nat-pmp", "pcp" };

	_Static_assert(RTE_DIM(origins) == SL_LEASE_ORIGINS, "a name each");
	return origins[origin];
}
