/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Port forwards: an outside endpoint that always leads to one inside endpoint.
 *
 * One outside endpoint has one forward. To change where it leads it is removed and
 * given again, so that a slip of the pen never takes an address away from somebody.
 * A lifetime counts from now; show configuration prints what is left of it.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "cli.h"
#include "clock.h"

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

static bool
same_target(const struct sl_forward *a, const struct sl_forward *b)
{
	return a->in_addr == b->in_addr && a->in_port == b->in_port && a->tenant == b->tenant;
}

/* arg: 0 protocol, 1 outside, 2 inside, 3 tenant, 4 from, 5 lifetime, 6 description */
static int
forward(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_forward new = { .proto = proto_of(arg[0].u),
		.out_addr = arg[1].u,
		.out_port = arg[1].port,
		.in_addr = arg[2].u,
		.in_port = arg[2].port,
		.tenant = arg[3].u,
		.from = arg[4].net };
	int i = find_forward(config, arg);

	if (arg[5].set)
		new.expires = clock_now() + arg[5].u *UINT64_C(1000);
	if (arg[6].set)
		snprintf(new.description, sizeof(new.description), "%s", arg[6].word);
	if (i < 0)
		return array_add(&config->forward, &config->n_forwards, sizeof(new), &new);
	if (!same_target(&config->forward[i], &new))
		return call_fail(call, -EEXIST, "'%s': is forwarded to %s of tenant %s already",
			arg[1].word,
			text_endpoint(config->forward[i].in_addr, config->forward[i].in_port),
			config->tenant[config->forward[i].tenant].name);
	config->forward[i] = new;
	return 0;
}

static int
no_forward(struct call *call, const struct arg *arg)
{
	int i = find_forward(call->config, arg);

	if (i < 0)
		return call_fail(call, -ENOENT, "'%s': no such forward", arg[1].word);
	array_del(&call->config->forward, &call->config->n_forwards, sizeof(struct sl_forward), i);
	return 0;
}

const struct statement cli_forward_statements[] = {
	{ "forward tcp|udp ADDRESS:PORT to ADDRESS:PORT [tenant TENANT] [from PREFIX] "
	  "[lifetime LIFETIME] [description TEXT]",
		forward, "lead what arrives at an outside endpoint to an inside one", ST_CONFIG },
	{ "no forward tcp|udp ADDRESS:PORT", no_forward, "remove a port forward", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
