/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements that set one number or switch: timeouts, limits, rates, behaviour.
 * Each has a default (an RFC's, see lib/config.c), and "no" brings it back.
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "cli.h"

#define LIMITS "ports|sessions|rate|mapping-sessions"

/* The member of a limit that a choice of these names. */
static uint32_t *
limit_of(struct sl_limits *limits, unsigned int choice)
{
	uint32_t *const member[] = { &limits->ports, &limits->sessions, &limits->rate,
		&limits->mapping };

	return member[choice];
}

static int
limit_subscriber(struct call *call, const struct arg *arg)
{
	*limit_of(&call->config->tenant[0].limits, arg[0].u) = arg[1].u;
	return 0;
}

/* A limit of one tenant back to what a new tenant has. */
static int
reset_limit(struct call *call, unsigned int tenant, unsigned int choice)
{
	struct sl_limits limits;

	if (default_limits(&limits) < 0)
		return call_fail(call, -ENOMEM, "out of memory");
	*limit_of(&call->config->tenant[tenant].limits, choice) = *limit_of(&limits, choice);
	return 0;
}

static int
no_limit_subscriber(struct call *call, const struct arg *arg)
{
	return reset_limit(call, 0, arg[0].u);
}

static int
tenant_limit(struct call *call, const struct arg *arg)
{
	*limit_of(&call->config->tenant[arg[0].u].limits, arg[1].u) = arg[2].u;
	return 0;
}

static int
no_tenant_limit(struct call *call, const struct arg *arg)
{
	return reset_limit(call, arg[0].u, arg[1].u);
}

static int
timeout(struct call *call, const struct arg *arg)
{
	struct sl_config *config = sl_config_create();
	char why[256];
	int rc;

	if (config == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	/* The library knows the range of each; ask it here, where the line is known. */
	config->timeout[arg[0].u] = arg[1].u;
	rc = sl_config_check(config, why, sizeof(why));
	sl_config_destroy(config);
	if (rc < 0)
		return call_fail(call, rc, "'%s': %s", arg[1].word, why);
	call->config->timeout[arg[0].u] = arg[1].u;
	return 0;
}

static int
punt_rate(struct call *call, const struct arg *arg)
{
	call->config->punt_rate[arg[0].u] = arg[1].u;
	return 0;
}

static int
icmp_rate(struct call *call, const struct arg *arg)
{
	call->config->icmp_rate = arg[0].u;
	return 0;
}

static int
icmp_refusal(struct call *call, const struct arg *arg)
{
	call->config->icmp_refusal_code = arg[0].u;
	return 0;
}

static int
icmp_refusal_silent(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->icmp_refusal_code = UINT8_MAX;
	return 0;
}

static int
icmp_mute(struct call *call, const struct arg *arg)
{
	call->config->icmp_mute[arg[0].u] = true;
	return 0;
}

static int
no_icmp_mute(struct call *call, const struct arg *arg)
{
	call->config->icmp_mute[arg[0].u] = false;
	return 0;
}

static int
unsolicited_syn(struct call *call, const struct arg *arg)
{
	call->config->syn_answer = arg[0].u == 0;
	return 0;
}

static int
hairpin(struct call *call, const struct arg *arg)
{
	call->config->hairpin = arg[0].u == 0;
	return 0;
}

static int
inbound_refresh(struct call *call, const struct arg *arg)
{
	call->config->inbound_refresh = arg[0].u == 0;
	return 0;
}

static int
source_check(struct call *call, const struct arg *arg)
{
	call->config->source_check = arg[0].u == 0;
	return 0;
}

static int
kernel_ports(struct call *call, const struct arg *arg)
{
	call->config->kernel_port_min = arg[0].u;
	call->config->kernel_port_max = arg[0].max;
	return 0;
}

/* Copy one member back from the defaults. */
static int
set_default(struct call *call, size_t offset, size_t size)
{
	struct sl_config *defaults = sl_config_create();

	if (defaults == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	memcpy((char *)call->config + offset, (char *)defaults + offset, size);
	sl_config_destroy(defaults);
	return 0;
}

#define SET_DEFAULT(call, member, i)                                                               \
	set_default(call,                                                                          \
		offsetof(struct sl_config, member) + (i) * sizeof((call)->config->member[0]),      \
		sizeof((call)->config->member[0]))

static int
no_timeout(struct call *call, const struct arg *arg)
{
	return SET_DEFAULT(call, timeout, arg[0].u);
}

static int
no_punt_rate(struct call *call, const struct arg *arg)
{
	return SET_DEFAULT(call, punt_rate, arg[0].u);
}

static int
no_icmp_rate(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	return set_default(
		call, offsetof(struct sl_config, icmp_rate), sizeof(call->config->icmp_rate));
}

static int
no_icmp_refusal(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	return set_default(call, offsetof(struct sl_config, icmp_refusal_code),
		sizeof(call->config->icmp_refusal_code));
}

static int
no_kernel_ports(struct call *call, const struct arg *arg)
{
	int rc = set_default(call, offsetof(struct sl_config, kernel_port_min),
		sizeof(call->config->kernel_port_min));

	RTE_SET_USED(arg);
	return rc < 0 ? rc
		      : set_default(call, offsetof(struct sl_config, kernel_port_max),
				sizeof(call->config->kernel_port_max));
}

/* In the order of enum sl_timeout, see timeout_names[]. */
#define TIMEOUTS                                                                                   \
	"udp|tcp-established|tcp-opening|tcp-closing|tcp-syn-in|icmp|other|fragment|port-rest"

const struct statement cli_tune_statements[] = {
	{ "limit subscriber " LIMITS " COUNT", limit_subscriber,
		"what one untagged subscriber may hold or open", ST_CONFIG },
	{ "no limit subscriber " LIMITS, no_limit_subscriber, "back to the default limit",
		ST_CONFIG },
	{ "tenant TENANT limit " LIMITS " COUNT", tenant_limit,
		"what one subscriber of a tenant may hold or open", ST_CONFIG },
	{ "no tenant TENANT limit " LIMITS, no_tenant_limit, "back to the default limit",
		ST_CONFIG },
	{ "timeout " TIMEOUTS " SECONDS", timeout, "how long a session lives without packets",
		ST_CONFIG },
	{ "no timeout " TIMEOUTS, no_timeout, "back to the default timeout", ST_CONFIG },
	{ "punt rate arp|nd|local|multicast|helper RATE", punt_rate,
		"packets a second and worker that may go to the kernel", ST_CONFIG },
	{ "no punt rate arp|nd|local|multicast|helper", no_punt_rate, "back to the default rate",
		ST_CONFIG },
	{ "icmp rate RATE", icmp_rate, "ICMP errors a second and worker that the box makes",
		ST_CONFIG },
	{ "no icmp rate", no_icmp_rate, "back to the default rate", ST_CONFIG },
	{ "icmp refusal-code CODE", icmp_refusal,
		"the unreachable code that a subscriber over its limit gets", ST_CONFIG },
	{ "icmp refusal-code silent", icmp_refusal_silent,
		"a subscriber over its limit gets no answer", ST_CONFIG },
	{ "no icmp refusal-code", no_icmp_refusal, "back to the default code", ST_CONFIG },
	{ "icmp mute inside|outside", icmp_mute, "make no ICMP errors towards a side", ST_CONFIG },
	{ "no icmp mute inside|outside", no_icmp_mute, "make ICMP errors towards a side",
		ST_CONFIG },
	{ "icmp unsolicited-syn on|off", unsolicited_syn,
		"tell who connects to a closed port, after the timeout tcp-syn-in (RFC 5382)",
		ST_CONFIG },
	{ "hairpin on|off", hairpin, "subscribers reach each other by outside addresses",
		ST_CONFIG },
	{ "inbound-refresh on|off", inbound_refresh,
		"packets from outside keep a UDP mapping alive", ST_CONFIG },
	{ "source-check on|off", source_check,
		"drop packets from inside whose source no inside route claims", ST_CONFIG },
	{ "kernel-ports PORTS", kernel_ports,
		"ports on the box's own outside addresses that belong to the kernel", ST_CONFIG },
	{ "no kernel-ports", no_kernel_ports, "back to the default ports", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
