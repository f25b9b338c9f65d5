/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements of NAT64: its prefixes, who is a subscriber, what becomes of header fields and of
 * old TCP sessions, what is done with IPv6 that no prefix claims. Sessions refer to prefixes by index, so one that is removed leaves a hole,
 * which the next new one fills.
 *
 * nat64_write() prints them, for cli_write.c.
 */

#include <errno.h>
#include <string.h>

#include "cli.h"

/* What 0 means in struct sl_config. */
#define SUBSCRIBER 64
#define HOSTS 256
#define MTU 1280

/* By enum sl_probe; in the statement they come in the same order. */
static const char *const probes[] = { "off", "nat64", "any" };

static int
find_prefix(const struct sl_config *config, const struct sl_ifaddr6 *prefix, unsigned int tenant)
{
	for (unsigned int i = 0; i < config->n_nat64; i++) {
		const struct sl_nat64 *n = &config->nat64[i];

		if (n->prefix.plen == prefix->plen && n->tenant == tenant &&
			memcmp(&n->prefix.addr, &prefix->addr, sizeof(prefix->addr)) == 0)
			return (int)i;
	}
	return -1;
}

void
nat64_drop_tenant(struct sl_config *config, unsigned int tenant)
{
	for (unsigned int i = 0; i < config->n_nat64; i++)
		if (config->nat64[i].tenant == tenant)
			config->nat64[i] = (struct sl_nat64){ .tenant = 0 };
}

/* arg: 0 prefix, 1 tenant */
static int
prefix(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_nat64 new = { .prefix = arg[0].net6, .tenant = arg[1].u };

	if (find_prefix(config, &new.prefix, new.tenant) >= 0)
		return 0;
	for (unsigned int i = 0; i < config->n_nat64; i++)
		if (config->nat64[i].prefix.plen == 0) {
			config->nat64[i] = new;
			return 0;
		}
	return array_add(&config->nat64, &config->n_nat64, sizeof(new), &new);
}

static int
no_prefix(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	int i = find_prefix(config, &arg[0].net6, arg[1].u);

	if (i < 0)
		return call_fail(call, -ENOENT,
			"'%s': no such NAT64 prefix; 'show configuration' has those there are",
			arg[0].word);
	for (unsigned int k = 0; k < config->n_forwards; k++)
		if (config->forward[k].six && config->forward[k].nat64 == (unsigned int)i)
			return call_fail(call, -EBUSY,
				"'%s': the forward to %s needs it, take that back first",
				arg[0].word,
				text_endpoint6(
					&config->forward[k].in6, config->forward[k].in_port));
	config->nat64[i] = (struct sl_nat64){ .tenant = 0 };
	return 0;
}

static int
subscriber(struct call *call, const struct arg *arg)
{
	call->config->nat64_subscriber = (uint8_t)arg[0].u;
	return 0;
}

static int
no_subscriber(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->nat64_subscriber = 0;
	return 0;
}

static int
hosts(struct call *call, const struct arg *arg)
{
	call->config->nat64_hosts = arg[0].u;
	return 0;
}

static int
no_hosts(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->nat64_hosts = 0;
	return 0;
}

static int
mtu(struct call *call, const struct arg *arg)
{
	call->config->nat64_mtu = (uint16_t)arg[0].u;
	return 0;
}

static int
no_mtu(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->nat64_mtu = 0;
	return 0;
}

static int
zero_checksum(struct call *call, const struct arg *arg)
{
	call->config->nat64_checksum = arg[0].u == 0;
	return 0;
}

/* The byte of which the upper six bits are set, as people write it. */
static int
check_tos(struct call *call, const struct arg *arg)
{
	if ((arg->u & 3) == 0)
		return 0;
	return call_fail(call, -EINVAL,
		"'%s': not a multiple of four; the lower two bits are ECN and copied", arg->word);
}

static int
tos(struct call *call, const struct arg *arg)
{
	int rc = check_tos(call, &arg[0]);

	if (rc == 0) {
		call->config->nat64_tos_set = true;
		call->config->nat64_tos = (uint8_t)arg[0].u;
	}
	return rc;
}

static int
tos_copy(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->nat64_tos_set = false;
	call->config->nat64_tos = 0;
	return 0;
}

static int
traffic_class(struct call *call, const struct arg *arg)
{
	int rc = check_tos(call, &arg[0]);

	if (rc == 0) {
		call->config->nat64_class_set = true;
		call->config->nat64_class = (uint8_t)arg[0].u;
	}
	return rc;
}

static int
traffic_class_copy(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->nat64_class_set = false;
	call->config->nat64_class = 0;
	return 0;
}

static int
tcp_probe(struct call *call, const struct arg *arg)
{
	call->config->probe = (enum sl_probe)arg[0].u;
	return 0;
}

static int
ipv6(struct call *call, const struct arg *arg)
{
	call->config->ipv6_route = arg[0].u == 0;
	return 0;
}

static void
write_tos(const char *what, bool set, uint8_t value, bool all, FILE *out)
{
	if (set)
		fprintf(out, "nat64 %s %u\n", what, value);
	else if (all)
		fprintf(out, "nat64 %s copy\n", what);
}

void
nat64_write(const struct sl_config *config, const struct sl_config *defaults, bool all, FILE *out)
{
	uint8_t plen = config->nat64_subscriber != 0 ? config->nat64_subscriber : SUBSCRIBER;
	uint32_t n_hosts = config->nat64_hosts != 0 ? config->nat64_hosts : HOSTS;
	uint16_t whole = config->nat64_mtu != 0 ? config->nat64_mtu : MTU;

	for (unsigned int i = 0; i < config->n_nat64; i++) {
		const struct sl_nat64 *n = &config->nat64[i];

		if (n->prefix.plen == 0)
			continue;
		fprintf(out, "nat64 prefix %s", text_net6(&n->prefix));
		if (n->tenant != 0)
			fprintf(out, " tenant %s", config->tenant[n->tenant].name);
		fputc('\n', out);
	}
	if (all || plen != SUBSCRIBER)
		fprintf(out, "nat64 subscriber %u\n", plen);
	if (all || n_hosts != HOSTS)
		fprintf(out, "nat64 hosts %u\n", n_hosts);
	if (all || whole != MTU)
		fprintf(out, "nat64 mtu %u\n", whole);
	if (all || config->nat64_checksum != defaults->nat64_checksum)
		fprintf(out, "nat64 zero-checksum %s\n", config->nat64_checksum ? "on" : "off");
	write_tos("tos", config->nat64_tos_set, config->nat64_tos, all, out);
	write_tos("traffic-class", config->nat64_class_set, config->nat64_class, all, out);
	if (all || config->probe != defaults->probe)
		fprintf(out, "tcp-probe %s\n", probes[config->probe]);
	if (all || config->ipv6_route != defaults->ipv6_route)
		fprintf(out, "ipv6 %s\n", config->ipv6_route ? "route" : "drop");
}

const struct statement cli_nat64_statements[] = {
	{ "nat64 prefix NAT64-PREFIX [tenant TENANT]", prefix,
		"translate what subscribers send to an IPv6 prefix to IPv4 (RFC 6146)", ST_CONFIG },
	{ "no nat64 prefix NAT64-PREFIX [tenant TENANT]", no_prefix,
		"remove a NAT64 prefix, and the sessions through it", ST_CONFIG },
	{ "nat64 subscriber PREFIX-LENGTH", subscriber,
		"IPv6 hosts of a prefix of this length are one subscriber; 64 by default",
		ST_CONFIG },
	{ "no nat64 subscriber", no_subscriber, "back to the default length", ST_CONFIG },
	{ "nat64 hosts HOSTS", hosts,
		"IPv6 hosts of one subscriber that may have sessions; 256 by default", ST_CONFIG },
	{ "no nat64 hosts", no_hosts, "back to the default number", ST_CONFIG },
	{ "nat64 mtu MTU6", mtu,
		"IPv4 packets that may be cut leave as IPv6 ones of this size; 1280 by default",
		ST_CONFIG },
	{ "no nat64 mtu", no_mtu, "back to the default size", ST_CONFIG },
	{ "nat64 zero-checksum on|off", zero_checksum,
		"UDP from outside without a checksum gets one, or is dropped", ST_CONFIG },
	{ "nat64 tos copy", tos_copy,
		"what leaves as IPv4 has the differentiated services that it had as IPv6; the "
		"default",
		ST_CONFIG },
	{ "nat64 tos TOS", tos,
		"what leaves as IPv4 has this TOS (RFC 7915 section 5.1); ECN is copied",
		ST_CONFIG },
	{ "nat64 traffic-class copy", traffic_class_copy,
		"what leaves as IPv6 has the differentiated services that it had as IPv4; the "
		"default",
		ST_CONFIG },
	{ "nat64 traffic-class TOS", traffic_class,
		"what leaves as IPv6 has this traffic class, as 0 (RFC 7915 section 4.1); ECN is "
		"copied",
		ST_CONFIG },
	{ "tcp-probe off|nat64|any", tcp_probe,
		"ask inside hosts whether they have an established TCP session still, before it "
		"ends (RFC 6146)",
		ST_CONFIG },
	{ "ipv6 route|drop", ipv6, "what is done with IPv6 that no NAT64 prefix claims",
		ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
