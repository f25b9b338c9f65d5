/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements of the tests' configurations that are about IPv6:
 *
 *     inside6 A/L [tenant=I]   outside6 A/L               addresses of the box
 *     nat64 PREFIX/L [tenant=I]      nat64 none           (a removed one)
 *     nat64-subscriber N   nat64-hosts N   nat64-mtu N   nat64-checksum on|off
 *     nat64-tos copy|N   nat64-class copy|N   tcp-probe on|off
 *     ipv6-route on|off
 *     forward6 udp|tcp A:P > A6#P [from=A/L] [tenant=I] [nat64=I]
 *     max-hosts6 N                                        a parameter of the gateway
 *     joins on                                            see pipe_joins
 *
 * Inside, hosts ::2 to ::a of each network have a MAC address.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"

struct rte_ether_addr
conf_host_mac6(enum sl_side side, const struct sl_ip6 *addr)
{
	struct rte_ether_addr mac = { { 2, (uint8_t)(0x60 + side) } };

	memcpy(mac.addr_bytes + 2, addr->b + 12, 4);
	return mac;
}

struct sl_ifaddr6
conf_addr6(const char *text, size_t n)
{
	struct sl_ifaddr6 a = { .plen = 128 };
	char copy[64], *slash;

	snprintf(copy, sizeof(copy), "%.*s", (int)n, text);
	slash = strchr(copy, '/');
	if (slash != NULL) {
		*slash = 0;
		a.plen = (uint8_t)atoi(slash + 1);
	}
	if (inet_pton(AF_INET6, copy, &a.addr) != 1)
		fail_msg("not an IPv6 address: %s", copy);
	return a;
}

static void *
grow(void *array, unsigned int *n, size_t size)
{
	char *p = realloc(array, (*n + 1) * size);

	assert_non_null(p);
	memset(p + *n * size, 0, size);
	(*n)++;
	return p;
}

static void
add_prefix(struct sl_config *c, const struct pt_tokens *t)
{
	struct sl_nat64 *n;
	const char *v;

	c->nat64 = grow(c->nat64, &c->n_nat64, sizeof(*c->nat64));
	n = &c->nat64[c->n_nat64 - 1];
	if (!pt_is(t, 1, "none"))
		n->prefix = conf_addr6(t->s[1], t->len[1]);
	if (t->n > 2 && (v = pt_value(t, 2, "tenant")) != NULL)
		n->tenant = (unsigned int)atoi(v);
}

static void
add_forward(struct sl_config *c, const struct pt_tokens *t)
{
	char out[32], in[64];
	unsigned short out_port = 0, in_port = 0;
	struct sl_forward *f;
	const char *v;

	c->forward = grow(c->forward, &c->n_forwards, sizeof(*f));
	f = &c->forward[c->n_forwards - 1];
	if (t->n < 5 || sscanf(t->s[2], "%31[0-9.]:%hu", out, &out_port) != 2 ||
		sscanf(t->s[4], "%63[0-9a-f:.]#%hu", in, &in_port) != 2)
		fail_msg("forward6: %s", t->s[0]);
	f->proto = pt_is(t, 1, "tcp") ? 6 : 17;
	f->out_addr = conf_addr(out);
	f->six = true;
	f->in6 = conf_addr6(in, strlen(in)).addr;
	f->out_port = rte_cpu_to_be_16(out_port);
	f->in_port = rte_cpu_to_be_16(in_port);
	for (unsigned int i = 5; i < t->n; i++) {
		if ((v = pt_value(t, i, "tenant")) != NULL)
			f->tenant = (unsigned int)atoi(v);
		else if ((v = pt_value(t, i, "nat64")) != NULL)
			f->nat64 = (unsigned int)atoi(v);
	}
}

bool
conf_read6(struct sl_config *c, struct conf_params *params, const struct pt_tokens *t)
{
	unsigned long n = strtoul(t->s[1], NULL, 0);
	bool on = pt_is(t, 1, "on");

	if (pt_is(t, 0, "inside6")) {
		const char *v = t->n > 2 ? pt_value(t, 2, "tenant") : NULL;
		struct sl_tenant *in = &c->tenant[v != NULL ? atoi(v) : 0];

		in->addr6 = grow(in->addr6, &in->n_addrs6, sizeof(*in->addr6));
		in->addr6[in->n_addrs6 - 1] = conf_addr6(t->s[1], t->len[1]);
	} else if (pt_is(t, 0, "outside6")) {
		c->outside6 = grow(c->outside6, &c->n_outside6, sizeof(*c->outside6));
		c->outside6[c->n_outside6 - 1] = conf_addr6(t->s[1], t->len[1]);
	} else if (pt_is(t, 0, "nat64")) {
		add_prefix(c, t);
	} else if (pt_is(t, 0, "forward6")) {
		add_forward(c, t);
	} else if (pt_is(t, 0, "nat64-subscriber")) {
		c->nat64_subscriber = (uint8_t)n;
	} else if (pt_is(t, 0, "nat64-hosts")) {
		c->nat64_hosts = (uint32_t)n;
	} else if (pt_is(t, 0, "nat64-mtu")) {
		c->nat64_mtu = (uint16_t)n;
	} else if (pt_is(t, 0, "nat64-checksum")) {
		c->nat64_checksum = on;
	} else if (pt_is(t, 0, "nat64-tos")) {
		c->nat64_tos_set = !pt_is(t, 1, "copy");
		c->nat64_tos = (uint8_t)n;
	} else if (pt_is(t, 0, "nat64-class")) {
		c->nat64_class_set = !pt_is(t, 1, "copy");
		c->nat64_class = (uint8_t)n;
	} else if (pt_is(t, 0, "tcp-probe")) {
		c->probe = on ? SL_PROBE_ALL : SL_PROBE_OFF;
	} else if (pt_is(t, 0, "ipv6-route")) {
		c->ipv6_route = on;
	} else if (pt_is(t, 0, "joins")) {
		params->joins = on;
	} else if (pt_is(t, 0, "max-hosts6")) {
		params->max_hosts6 = (uint32_t)n;
	} else {
		return false;
	}
	return true;
}
