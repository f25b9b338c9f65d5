/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about ports that hosts open by themselves: by which protocols, for which tenants,
 * which ports, how many, for how long, who gets none, and where they outlive a restart. All of it
 * is off unless it is switched on. A tenant's own word is stronger than the box's.
 */

#include <errno.h>
#include <string.h>

#include "cli.h"
#include "slots.h"

#define IGD_DEFAULT 1
#define HTTP_DEFAULT 5000
#define MAX_DEFAULT 4096
#define MAX_HOST_DEFAULT 64
#define SECONDS_DEFAULT 604800

/* ---- switches ---- */

static int
upnp_switch(struct call *call, const struct arg *arg)
{
	call->config->lease.upnp = arg[0].u == 0;
	return 0;
}

static int
no_upnp(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.upnp = false;
	return 0;
}

static int
pcp_switch(struct call *call, const struct arg *arg)
{
	call->config->lease.pcp = arg[0].u == 0;
	return 0;
}

static int
no_pcp(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.pcp = false;
	return 0;
}

static uint8_t
said(const struct arg *arg)
{
	return arg->u == 0 ? SL_SAY_ON : SL_SAY_OFF;
}

static int
tenant_upnp(struct call *call, const struct arg *arg)
{
	call->config->tenant[arg[0].u].upnp = said(&arg[1]);
	return 0;
}

static int
no_tenant_upnp(struct call *call, const struct arg *arg)
{
	call->config->tenant[arg[0].u].upnp = SL_SAY_NOTHING;
	return 0;
}

static int
tenant_pcp(struct call *call, const struct arg *arg)
{
	call->config->tenant[arg[0].u].pcp = said(&arg[1]);
	return 0;
}

static int
no_tenant_pcp(struct call *call, const struct arg *arg)
{
	call->config->tenant[arg[0].u].pcp = SL_SAY_NOTHING;
	return 0;
}

static int
upnp_version(struct call *call, const struct arg *arg)
{
	call->config->lease.igd = (uint8_t)(arg[0].u + 1);
	return 0;
}

static int
no_upnp_version(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.igd = 0;
	return 0;
}

static int
upnp_port(struct call *call, const struct arg *arg)
{
	call->config->lease.http_port = (uint16_t)arg[0].u;
	return 0;
}

static int
no_upnp_port(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.http_port = 0;
	return 0;
}

/* ---- what hosts may have ---- */

static int
find_range(const struct sl_lease_policy *p, const struct arg *arg)
{
	for (unsigned int i = 0; i < p->n_ports; i++)
		if (p->ports[i].first == arg[0].u && p->ports[i].last == arg[0].max)
			return (int)i;
	return -1;
}

static int
mapping_ports(struct call *call, const struct arg *arg)
{
	struct sl_lease_policy *p = &call->config->lease;

	if (find_range(p, arg) >= 0)
		return 0;
	if (p->n_ports == SL_LEASE_RANGES)
		return call_fail(call, -ENOSPC,
			"'%s': there are %u ranges already, no more are possible; 'no port-mapping "
			"ports' takes one back",
			arg[0].word, SL_LEASE_RANGES);
	p->ports[p->n_ports++] = (struct sl_port_range){ (uint16_t)arg[0].u, (uint16_t)arg[0].max };
	return 0;
}

static int
no_mapping_ports(struct call *call, const struct arg *arg)
{
	struct sl_lease_policy *p = &call->config->lease;
	int i = arg[0].set ? find_range(p, arg) : -1;

	if (!arg[0].set)
		p->n_ports = 0;
	else if (i < 0)
		return call_fail(call, -ENOENT,
			"'%s': no such range; 'show configuration' has those there are",
			arg[0].word);
	else
		p->ports[i] = p->ports[--p->n_ports];
	return 0;
}

static int
mapping_max(struct call *call, const struct arg *arg)
{
	call->config->lease.max = arg[0].u;
	return 0;
}

static int
no_mapping_max(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.max = 0;
	return 0;
}

static int
mapping_max_host(struct call *call, const struct arg *arg)
{
	call->config->lease.max_host = arg[0].u;
	return 0;
}

static int
no_mapping_max_host(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.max_host = 0;
	return 0;
}

static int
mapping_lifetime(struct call *call, const struct arg *arg)
{
	call->config->lease.seconds = arg[0].u;
	return 0;
}

static int
no_mapping_lifetime(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.seconds = 0;
	return 0;
}

/* ---- who ---- */

static int
find_prefix(const struct sl_ifaddr *list, unsigned int n, const struct sl_ifaddr *net)
{
	for (unsigned int i = 0; i < n; i++)
		if (list[i].addr == net->addr && list[i].plen == net->plen)
			return (int)i;
	return -1;
}

/* list is the address of the configuration's pointer, as for array_add(). */
static int
add_prefix(struct call *call, struct sl_ifaddr **list, unsigned int *n, const struct arg *arg)
{
	if (find_prefix(*list, *n, &arg->net) >= 0)
		return 0;
	if (array_add(list, n, sizeof(arg->net), &arg->net) < 0)
		return call_fail(call, -ENOMEM, "out of memory");
	return 0;
}

static int
del_prefix(struct call *call, struct sl_ifaddr **list, unsigned int *n, const struct arg *arg)
{
	int i = find_prefix(*list, *n, &arg->net);

	if (i < 0)
		return call_fail(call, -ENOENT,
			"'%s': is not there; 'show configuration' has those there are", arg->word);
	array_del(list, n, sizeof(arg->net), (unsigned int)i);
	return 0;
}

static int
mapping_deny(struct call *call, const struct arg *arg)
{
	struct sl_lease_policy *p = &call->config->lease;

	return add_prefix(call, &p->deny, &p->n_deny, arg);
}

static int
no_mapping_deny(struct call *call, const struct arg *arg)
{
	struct sl_lease_policy *p = &call->config->lease;

	return del_prefix(call, &p->deny, &p->n_deny, arg);
}

static int
mapping_third(struct call *call, const struct arg *arg)
{
	struct sl_lease_policy *p = &call->config->lease;

	return add_prefix(call, &p->third_party, &p->n_third_party, arg);
}

static int
no_mapping_third(struct call *call, const struct arg *arg)
{
	struct sl_lease_policy *p = &call->config->lease;

	return del_prefix(call, &p->third_party, &p->n_third_party, arg);
}

/* ---- where ---- */

static int
mapping_file(struct call *call, const struct arg *arg)
{
	snprintf(call->config->lease.file, sizeof(call->config->lease.file), "%s", arg[0].word);
	return 0;
}

static int
no_mapping_file(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->lease.file[0] = '\0';
	return 0;
}

/* ---- as statements ---- */

static void
write_say(FILE *out, const char *tenant, const char *what, uint8_t say)
{
	if (say != SL_SAY_NOTHING)
		fprintf(out, "tenant %s %s %s\n", tenant, what, say == SL_SAY_ON ? "on" : "off");
}

static void
write_number(FILE *out, bool all, const char *what, uint32_t value, uint32_t usual)
{
	if (all || (value != 0 && value != usual))
		fprintf(out, "%s %u\n", what, value != 0 ? value : usual);
}

void
lease_write(const struct sl_config *config, bool all, FILE *out)
{
	const struct sl_lease_policy *p = &config->lease;

	if (all || p->upnp)
		fprintf(out, "upnp %s\n", p->upnp ? "on" : "off");
	if (all || p->pcp)
		fprintf(out, "pcp %s\n", p->pcp ? "on" : "off");
	write_number(out, all, "upnp version", p->igd, IGD_DEFAULT);
	write_number(out, all, "upnp port", p->http_port, HTTP_DEFAULT);
	for (unsigned int i = 0; i < p->n_ports; i++)
		fprintf(out, "port-mapping ports %u-%u\n", p->ports[i].first, p->ports[i].last);
	write_number(out, all, "port-mapping max", p->max, MAX_DEFAULT);
	write_number(out, all, "port-mapping max-per-host", p->max_host, MAX_HOST_DEFAULT);
	write_number(out, all, "port-mapping max-lifetime", p->seconds, SECONDS_DEFAULT);
	for (unsigned int i = 0; i < p->n_deny; i++)
		fprintf(out, "port-mapping deny %s\n", text_net(&p->deny[i]));
	for (unsigned int i = 0; i < p->n_third_party; i++)
		fprintf(out, "port-mapping third-party %s\n", text_net(&p->third_party[i]));
	if (p->file[0] != '\0') {
		fprintf(out, "port-mapping file ");
		words_print(out, p->file);
		fputc('\n', out);
	}
	for (unsigned int i = 0; i < config->n_tenants; i++) {
		if (slots_no_tenant(config, i))
			continue;
		write_say(out, config->tenant[i].name, "upnp", config->tenant[i].upnp);
		write_say(out, config->tenant[i].name, "pcp", config->tenant[i].pcp);
	}
}

const struct statement cli_lease_statements[] = {
	{ "upnp on|off", upnp_switch, "let hosts open ports by UPnP IGD", ST_CONFIG },
	{ "no upnp", no_upnp, "hosts open no ports by UPnP", ST_CONFIG },
	{ "tenant TENANT upnp on|off", tenant_upnp, "the same for a tenant's hosts", ST_CONFIG },
	{ "no tenant TENANT upnp", no_tenant_upnp, "as for all", ST_CONFIG },
	{ "upnp version 1|2", upnp_version, "which version of the IGD to be", ST_CONFIG },
	{ "no upnp version", no_upnp_version, "IGD:1, which every client knows", ST_CONFIG },
	{ "upnp port PORT", upnp_port, "the TCP port of descriptions and control", ST_CONFIG },
	{ "no upnp port", no_upnp_port, "back to the default port", ST_CONFIG },
	{ "pcp on|off", pcp_switch, "let hosts open ports by PCP and NAT-PMP", ST_CONFIG },
	{ "no pcp", no_pcp, "hosts open no ports by PCP and NAT-PMP", ST_CONFIG },
	{ "tenant TENANT pcp on|off", tenant_pcp, "the same for a tenant's hosts", ST_CONFIG },
	{ "no tenant TENANT pcp", no_tenant_pcp, "as for all", ST_CONFIG },
	{ "port-mapping ports PORTS", mapping_ports,
		"outside ports that hosts may open, one range more", ST_CONFIG },
	{ "no port-mapping ports [PORTS]", no_mapping_ports,
		"one range less; none: all but those below 1024", ST_CONFIG },
	{ "port-mapping max LEASES", mapping_max, "how many ports all hosts may open", ST_CONFIG },
	{ "no port-mapping max", no_mapping_max, "back to the default number", ST_CONFIG },
	{ "port-mapping max-per-host LEASES", mapping_max_host, "how many ports one host may open",
		ST_CONFIG },
	{ "no port-mapping max-per-host", no_mapping_max_host, "back to the default number",
		ST_CONFIG },
	{ "port-mapping max-lifetime LEASE-TIME", mapping_lifetime,
		"after how long an open port has to be asked for again", ST_CONFIG },
	{ "no port-mapping max-lifetime", no_mapping_lifetime, "back to the default time",
		ST_CONFIG },
	{ "port-mapping deny PREFIX", mapping_deny, "hosts that may open none", ST_CONFIG },
	{ "no port-mapping deny PREFIX", no_mapping_deny, "they may again", ST_CONFIG },
	{ "port-mapping third-party PREFIX", mapping_third, "hosts that may open ports for others",
		ST_CONFIG },
	{ "no port-mapping third-party PREFIX", no_mapping_third, "each for itself", ST_CONFIG },
	{ "port-mapping file FILE", mapping_file,
		"keep what hosts have opened in a file, so that it outlives a restart", ST_CONFIG },
	{ "no port-mapping file", no_mapping_file, "it ends with the box", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
