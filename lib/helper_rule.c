/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a helper may open. Everything that a helper reads may be a lie: a web page lets a browser
 * say "PORT 10,0,0,2,13,61" to a server of the attacker's (NAT slipstreaming), an FTP client
 * names another host's address (the bounce attack, RFC 2577). So, whatever the protocol:
 *
 * - only to the host that the flow belongs to; a helper of a protocol that speaks for others (a
 *   proxy) says so in its ops, and even then only to inside hosts of the same tenant;
 * - only ports from 1024 on, and none where something is known to listen that nobody wants to
 *   meet strangers: the list below, and the servers' ports of all helpers. The flow's own
 *   endpoint is open already, that may be asked for; and so may the ports of the helper's own
 *   servers, for the remote end of this very flow, when the helper reads what comes in, and
 *   those of the one helper that it hands connections to, when that one reads them.
 *
 * How many there may be, and for how long, is in helper_expect.c.
 */
#include <errno.h>

#include <rte_common.h>

#include "helper_conf.h"
#include "helper_rule.h"

#define TCP 1
#define UDP 2
#define BOTH (TCP | UDP)

/* Services above 1023 as programs choose them. Media take any port by UDP, so what is served by
 * TCP alone is listed for TCP alone. */
static const struct {
	uint16_t first, last;
	uint8_t protos;
} services[] = {
	{ 1080, 1080, BOTH }, /* SOCKS */
	{ 1433, 1433, TCP }, /* SQL Server */
	{ 1434, 1434, BOTH }, { 1521, 1521, TCP }, /* Oracle */
	{ 1883, 1883, TCP }, /* MQTT */
	{ 1900, 1900, BOTH }, /* SSDP */
	{ 2049, 2049, BOTH }, /* NFS */
	{ 2375, 2376, TCP }, /* Docker */
	{ 2379, 2380, TCP }, /* etcd */
	{ 3128, 3128, TCP }, /* proxies */
	{ 3306, 3306, TCP }, /* MySQL */
	{ 3389, 3389, BOTH }, /* RDP */
	{ 4786, 4786, TCP }, /* Smart Install */
	{ 5060, 5061, BOTH }, /* SIP */
	{ 5351, 5351, BOTH }, /* PCP */
	{ 5353, 5353, BOTH }, /* mDNS */
	{ 5432, 5432, TCP }, /* PostgreSQL */
	{ 5555, 5555, TCP }, /* adb */
	{ 5672, 5672, TCP }, /* AMQP */
	{ 5900, 5909, TCP }, /* VNC */
	{ 5984, 5986, TCP }, /* CouchDB, WinRM */
	{ 6000, 6063, TCP }, /* X11 */
	{ 6379, 6379, TCP }, /* Redis */
	{ 6443, 6443, TCP }, /* Kubernetes */
	{ 6665, 6669, TCP }, /* IRC */
	{ 7547, 7547, TCP }, /* TR-069 */
	{ 8000, 8000, TCP }, /* web */
	{ 8008, 8009, TCP }, { 8080, 8081, TCP }, { 8443, 8443, BOTH }, { 8888, 8888, TCP },
	{ 9090, 9090, TCP }, { 9100, 9100, TCP }, /* printers */
	{ 9200, 9200, TCP }, /* Elasticsearch */
	{ 10250, 10250, TCP }, /* Kubernetes */
	{ 11211, 11211, BOTH }, /* memcached */
	{ 27017, 27017, TCP }, /* MongoDB */
};

static unsigned int
which(uint8_t proto)
{
	return proto == IPPROTO_UDP;
}

static void
list(struct sl_helpers *hs, uint8_t proto, uint16_t port)
{
	hs->service[which(proto)][port / 8] |= (uint8_t)(1 << port % 8);
}

static bool
is_listed(const struct sl_helpers *hs, uint8_t proto, uint16_t port)
{
	return hs->service[which(proto)][port / 8] >> port % 8 & 1;
}

static void
list_helper(struct sl_helpers *hs, unsigned int i, const struct sl_helper_config *c)
{
	const struct sl_helper_ops *ops = hs->params.ops[i];

	for (unsigned int k = 0; k < RTE_DIM(ops->proto); k++) {
		for (unsigned int n = 0; ops->proto[k] != 0 && n < c->n_ports; n++) {
			list(hs, ops->proto[k], c->port[n]);
			if (ops->proto[k] == IPPROTO_UDP && hs->server[c->port[n]] == 0)
				hs->server[c->port[n]] = (uint8_t)(i + 1);
		}
	}
}

void
sl_helper_rules(struct sl_helpers *hs, const struct sl_config *config)
{
	memset(hs->service, 0, sizeof(hs->service));
	memset(hs->server, 0, sizeof(hs->server));
	memset(hs->mask, 0, sizeof(hs->mask));
	memcpy(hs->config, config->helper, sizeof(hs->config));
	for (unsigned int i = 0; i < RTE_DIM(services); i++) {
		for (uint16_t port = services[i].first; port <= services[i].last; port++) {
			if (services[i].protos & TCP)
				list(hs, IPPROTO_TCP, port);
			if (services[i].protos & UDP)
				list(hs, IPPROTO_UDP, port);
		}
	}
	for (unsigned int i = 0; i < hs->n; i++)
		list_helper(hs, i, &config->helper[i]);
	for (unsigned int t = 0; t < config->n_tenants && t < RTE_DIM(hs->mask); t++)
		if (t == 0 || config->tenant[t].name[0] != 0)
			hs->mask[t] = sl_helper_mask(config, t);
}

void
sl_helper_defaults(struct sl_config *config, const struct sl_helper_ops *const *ops)
{
	for (unsigned int i = 0; i < SL_HELPERS_MAX && ops[i] != NULL; i++) {
		struct sl_helper_config *c = &config->helper[i];

		*c = (struct sl_helper_config){ .on = ops[i]->on };
		while (c->n_ports < SL_HELPER_PORTS_MAX && ops[i]->port[c->n_ports] != 0) {
			c->port[c->n_ports] = ops[i]->port[c->n_ports];
			c->n_ports++;
		}
	}
}

/* The helper that this one hands connections to; 0: none that is on for this host. */
static uint8_t
heir(const struct sl_helper_flow *f)
{
	const struct sl_helpers *hs = f->all;

	for (unsigned int i = 0; f->ops->hands_to != NULL && i < hs->n; i++)
		if (strcmp(hs->params.ops[i]->name, f->ops->hands_to) == 0)
			return hs->mask[f->h.tenant] >> (i + 1) & 1 ? (uint8_t)(i + 1) : 0;
	return 0;
}

uint8_t
sl_helper_reader(const struct sl_helper_flow *f, const struct sl_expect *e)
{
	if (e->helper == SL_HELPER_OTHER)
		return heir(f);
	return e->helper == SL_HELPER_SELF ? f->number : 0;
}

/* The reader of SL_HELPER_OTHER must read the protocol that is expected. */
static bool
is_read(const struct sl_helper_flow *f, const struct sl_expect *e)
{
	uint8_t number = sl_helper_reader(f, e);
	const uint8_t *proto;

	if (e->helper != SL_HELPER_OTHER)
		return true;
	if (number == 0)
		return false;
	proto = f->all->params.ops[number - 1]->proto;
	return proto[0] == e->proto || proto[1] == e->proto;
}

/* A port at which this helper's own protocol is served, where both ends serve (SIP), or that of
 * the helper that it hands connections to. What comes in is read by that helper, and comes from
 * the end that this one speaks with already. */
static bool
serves(const struct sl_helper_flow *f, const struct sl_expect *e, uint16_t port)
{
	uint8_t reader = sl_helper_reader(f, e);
	const struct sl_helper_config *c;

	if (reader == 0 || (e->helper == SL_HELPER_SELF && !f->ops->mutual) ||
		e->rem_addr != f->h.rem_addr)
		return false;
	c = &f->all->config[reader - 1];
	for (unsigned int i = 0; i < c->n_ports; i++)
		if (c->port[i] == port)
			return true;
	return false;
}

static int
check_port(const struct sl_helper_flow *f, const struct sl_expect *e, uint32_t port)
{
	bool own = e->proto == f->h.proto && e->in_addr == f->h.in_addr &&
		   rte_cpu_to_be_16((uint16_t)port) == f->h.in_port;

	if (port > UINT16_MAX)
		return -EINVAL;
	own |= e->in_addr == f->h.in_addr && serves(f, e, (uint16_t)port);
	return port < 1024 || (!own && is_listed(f->all, e->proto, (uint16_t)port)) ? -EPERM : 0;
}

int
sl_helper_rule(const struct sl_helper_flow *f, const struct sl_expect *e)
{
	const struct sl_helpers *hs = f->all;
	uint32_t port = rte_be_to_cpu_16(e->in_port);
	int rc;

	if ((e->proto != IPPROTO_TCP && e->proto != IPPROTO_UDP && e->proto != IPPROTO_GRE) ||
		(e->helper != 0 && e->helper != SL_HELPER_SELF && e->helper != SL_HELPER_OTHER))
		return -EINVAL;
	if (!is_read(f, e))
		return -EPERM;
	if (e->in_addr != f->h.in_addr &&
		(!f->ops->others || !hs->params.is_inside(hs->params.arg, f->h.tenant, e->in_addr)))
		return -EPERM;
	/* A call has the ends of its control connection; an id is no port. */
	if (e->proto == IPPROTO_GRE)
		return f->h.proto == IPPROTO_TCP && e->in_addr == f->h.in_addr &&
				       e->rem_addr == f->h.rem_addr && !e->outward && !e->pair &&
				       e->helper == 0
			       ? 0
			       : -EPERM;
	if (e->outward)
		return e->rem_addr != 0 && e->rem_port != 0 && e->helper != 0 ? 0 : -EINVAL;
	rc = check_port(f, e, port);
	return rc == 0 && e->pair ? check_port(f, e, port + 1) : rc;
}
