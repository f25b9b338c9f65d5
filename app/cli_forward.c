/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Port forwards: an outside endpoint that always leads to one inside endpoint.
 *
 * One outside endpoint has one forward. To change where it leads it is removed and
 * given again, so that a slip of the pen never takes an address away from somebody.
 * Nor is a port taken away from a host whose sessions use it at this moment. With "ports N"
 * so many consecutive ports are forwarded. A lifetime counts from now; show configuration prints what is left of it.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "slots.h"

static uint8_t
proto_of(unsigned int choice)
{
	return choice == 0 ? IPPROTO_TCP : IPPROTO_UDP;
}

static int
find_forward(const struct sl_config *config, const struct arg *arg)
{
	for (unsigned int i = 0; i < config->n_forwards; i++) {
		const struct sl_forward *f = &config->forward[i];

		if (f->proto == proto_of(arg[0].u) && f->out_addr == arg[1].u &&
			f->out_port == arg[1].port)
			return i;
	}
	return -1;
}

/* What a host has asked for by itself is ended, not edited. */
static int
refuse_leased(const struct call *call, const struct sl_forward *f, const char *word)
{
	if (!f->leased)
		return 0;
	return call_fail(call, -EBUSY,
		"'%s': %s of tenant %s has opened this port itself; 'clear port-mapping' ends that",
		word, text_endpoint(f->in_addr, f->in_port), call->config->tenant[f->tenant].name);
}

static bool
same_host(const struct sl_forward *a, const struct sl_forward *b)
{
	return a->six == b->six && a->in_addr == b->in_addr &&
	       memcmp(&a->in6, &b->in6, sizeof(a->in6)) == 0;
}

static bool
same_target(const struct sl_forward *a, const struct sl_forward *b)
{
	return same_host(a, b) && a->in_port == b->in_port && a->tenant == b->tenant &&
	       a->ports == b->ports;
}

/* Is this mapping one of the host that a forward leads to? */
static bool
is_of(const struct sl_mapping *m, const struct sl_forward *f)
{
	if (m->tenant != f->tenant || m->six != f->six)
		return false;
	return f->six ? memcmp(&m->in6, &f->in6, sizeof(m->in6)) == 0 : m->in_addr == f->in_addr;
}

/* Does a running box use this outside endpoint for somebody else at this moment? */
static bool
in_use(struct box *box, const struct sl_forward *f, uint16_t port, struct sl_mapping *m)
{
	for (unsigned int i = 0; i < box->n_workers; i++) {
		struct sl_msg msg = {
			.op = SL_MSG_MAPPING_AT,
			.select = { .proto = f->proto,
				.out = { f->out_addr, 32 },
				.out_port = rte_cpu_to_be_16(port) },
			.max = 1,
			.buf = m,
		};

		if (box_ask(box, i, &msg) == 0 && msg.n == 1 && !m->is_static && !is_of(m, f))
			return true;
	}
	return false;
}

static int
refuse_if_in_use(struct call *call, const struct sl_forward *f)
{
	uint16_t first = rte_be_to_cpu_16(f->out_port);
	struct sl_mapping m;

	/* Before the box runs nothing is in use. */
	if (call->box->nat == NULL || call->box->config == NULL)
		return 0;
	for (unsigned int k = 0; k < RTE_MAX(f->ports, 1U); k++)
		if (in_use(call->box, f, (uint16_t)(first + k), &m))
			return call_fail(call, -EADDRINUSE,
				"'%s': a session of %s holds this port now; 'clear sessions' ends "
				"it",
				text_endpoint(m.out_addr, m.out_port),
				m.six ? text_endpoint6(&m.in6, m.in_port)
				      : text_endpoint(m.in_addr, m.in_port));
	return 0;
}

/* arg: 0 protocol, 1 outside, 2 inside, 3 ports, 4 tenant, 5 from, 6 lifetime, 7 description */
static int
forward(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_forward new = { .proto = proto_of(arg[0].u),
		.out_addr = arg[1].u,
		.out_port = arg[1].port,
		.in_addr = arg[2].six ? 0 : arg[2].u,
		.in_port = arg[2].port,
		.six = arg[2].six,
		.in6 = arg[2].net6.addr,
		.ports = arg[3].set ? (uint16_t)arg[3].u : 1,
		.tenant = arg[4].u,
		.from = arg[5].net,
		.unsaved = !call->file };
	int i = find_forward(config, arg), rc;

	if (new.six) {
		rc = slots_nat64(config, new.tenant);
		if (rc < 0)
			return call_fail(call, -ENOENT,
				"'%s': tenant %s has no NAT64 prefix, by which this host would see "
				"the outside; 'nat64 prefix PREFIX' gives it one",
				arg[2].word, config->tenant[new.tenant].name);
		new.nat64 = (unsigned int)rc;
	}
	if (arg[6].set)
		new.expires = clock_now() + arg[6].u *UINT64_C(1000);
	if (arg[7].set)
		snprintf(new.description, sizeof(new.description), "%s", arg[7].word);
	if (i < 0 && (rc = refuse_if_in_use(call, &new)) != 0)
		return rc;
	if (i < 0)
		return array_add(&config->forward, &config->n_forwards, sizeof(new), &new);
	rc = refuse_leased(call, &config->forward[i], arg[1].word);
	if (rc < 0)
		return rc;
	if (!same_target(&config->forward[i], &new))
		return call_fail(call, -EEXIST,
			"'%s': is forwarded to %s of tenant %s already; 'no forward' takes that "
			"back",
			arg[1].word, text_target(&config->forward[i]),
			config->tenant[config->forward[i].tenant].name);
	config->forward[i] = new;
	return 0;
}

static int
no_forward(struct call *call, const struct arg *arg)
{
	int i = find_forward(call->config, arg), rc;

	if (i < 0)
		return call_fail(call, -ENOENT,
			"'%s': no such forward; 'show forwards' has those there are", arg[1].word);
	rc = refuse_leased(call, &call->config->forward[i], arg[1].word);
	if (rc < 0)
		return rc;
	array_del(&call->config->forward, &call->config->n_forwards, sizeof(struct sl_forward), i);
	return 0;
}

const struct statement cli_forward_statements[] = {
	{ "forward tcp|udp ADDRESS:PORT to ADDRESS:PORT [ports PORT] [tenant TENANT] [from PREFIX] "
	  "[lifetime LIFETIME] [description TEXT]",
		forward, "lead what arrives at an outside endpoint to an inside one", ST_CONFIG },
	{ "forward tcp|udp ADDRESS:PORT to ADDRESS6:PORT [ports PORT] [tenant TENANT] "
	  "[from PREFIX] [lifetime LIFETIME] [description TEXT]",
		forward, "lead what arrives at an outside endpoint to an IPv6 host inside",
		ST_CONFIG },
	{ "no forward tcp|udp ADDRESS:PORT", no_forward, "remove a port forward", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
