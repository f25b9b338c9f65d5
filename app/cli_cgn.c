/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements of a carrier's NAT: how a pool gives out its ports, what is not translated,
 * and what is done to packets on the way.
 *
 * A pool is dynamic, or it gives ports in blocks, or by a fixed plan (deterministic, RFC
 * 7422). Plans and blocks exclude each other, and so do plans and shared ports; whoever
 * asks for both is told on the line where it happens, before the library would refuse the
 * whole configuration. That a plan has room for its subscribers can be known only when all
 * addresses of the pool have been read, so that is left to sl_config_check().
 *
 * cgn_write() prints what these statements have set, for cli_write.c.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "cli.h"

#define FIXED_PLEN_MIN 8 /* as sl_config_check() has it */

static const char *const mapping_names[] = { "endpoint-independent", "endpoint-dependent" };

/* ---- pools ---- */

static int
out_of_memory(const struct call *call)
{
	return call_fail(call, -ENOMEM, "out of memory");
}

/* arg: 0 pool, 1 udp or tcp, 2 independent or dependent */
static int
pool_mapping(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = take_pool(call->config, arg[0].word);

	if (pool == NULL)
		return out_of_memory(call);
	if (arg[2].u != 0 && pool->fixed.plen != 0)
		return call_fail(call, -EINVAL,
			"'%s': the ports of pool %s belong to one subscriber each; "
			"'no pool %s deterministic' would free them",
			arg[2].word, pool->name, pool->name);
	*(arg[1].u == 0 ? &pool->shared_udp : &pool->shared_tcp) = arg[2].u != 0;
	return 0;
}

static int
no_pool_mapping(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = &call->config->pool[arg[0].u];

	*(arg[1].u == 0 ? &pool->shared_udp : &pool->shared_tcp) = false;
	return 0;
}

/* arg: 0 pool, 1 size, 2 how many */
static int
pool_blocks(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = take_pool(call->config, arg[0].word);

	if (pool == NULL)
		return out_of_memory(call);
	if (pool->fixed.plen != 0)
		return call_fail(call, -EINVAL,
			"'%s': pool %s is deterministic, 'no pool %s deterministic' ends that",
			arg[1].word, pool->name, pool->name);
	pool->block_size = (uint16_t)arg[1].u;
	pool->blocks_max = arg[2].set ? (uint8_t)arg[2].u : 1;
	return 0;
}

static int
no_pool_blocks(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = &call->config->pool[arg[0].u];

	pool->block_size = 0;
	pool->blocks_max = 0;
	return 0;
}

/* What of a pool does not go together with a plan, or NULL. */
static const char *
against_plan(const struct sl_pool *pool)
{
	if (pool->block_size != 0)
		return "blocks";
	if (pool->shared_udp)
		return "mapping udp";
	return pool->shared_tcp ? "mapping tcp" : NULL;
}

static int
pool_deterministic(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = take_pool(call->config, arg[0].word);
	const char *against;

	if (pool == NULL)
		return out_of_memory(call);
	if (arg[1].net.plen < FIXED_PLEN_MIN)
		return call_fail(call, -EINVAL, "'%s': expected an inside network of /%u to /32",
			arg[1].word, FIXED_PLEN_MIN);
	against = against_plan(pool);
	if (against != NULL)
		return call_fail(call, -EINVAL,
			"'%s': a plan does not go together with what 'no pool %s %s' takes back",
			arg[1].word, pool->name, against);
	pool->fixed = arg[1].net;
	return 0;
}

static int
no_pool_deterministic(struct call *call, const struct arg *arg)
{
	call->config->pool[arg[0].u].fixed = (struct sl_ifaddr){ 0 };
	return 0;
}

static int
pool_drain(struct call *call, const struct arg *arg)
{
	call->config->pool[arg[0].u].drain = arg[1].u == 0;
	return 0;
}

/* ---- the whole box ---- */

static int
block_idle(struct call *call, const struct arg *arg)
{
	call->config->block_idle = arg[0].u;
	return 0;
}

static int
no_block_idle(struct call *call, const struct arg *arg)
{
	struct sl_config *defaults = sl_config_create();

	RTE_SET_USED(arg);
	if (defaults == NULL)
		return out_of_memory(call);
	call->config->block_idle = defaults->block_idle;
	sl_config_destroy(defaults);
	return 0;
}

/* arg: 0 prefix, 1 tcp or udp, 2 port; the last two may be absent */
static struct sl_bypass
bypass_of(const struct arg *arg)
{
	struct sl_bypass bypass = { .to = arg[0].net };

	if (arg[1].set)
		bypass.proto = arg[1].u == 0 ? IPPROTO_TCP : IPPROTO_UDP;
	if (arg[2].set)
		bypass.port = htons(arg[2].u);
	return bypass;
}

static int
find_bypass(const struct sl_config *config, const struct sl_bypass *wanted)
{
	for (unsigned int i = 0; i < config->n_bypasses; i++) {
		const struct sl_bypass *b = &config->bypass[i];

		if (b->to.addr == wanted->to.addr && b->to.plen == wanted->to.plen &&
			b->proto == wanted->proto && b->port == wanted->port)
			return i;
	}
	return -1;
}

static int
bypass(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_bypass new = bypass_of(arg);

	if (find_bypass(config, &new) >= 0)
		return 0;
	if (array_add(&config->bypass, &config->n_bypasses, sizeof(new), &new) < 0)
		return out_of_memory(call);
	return 0;
}

static int
no_bypass(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_bypass old = bypass_of(arg);
	int i = find_bypass(config, &old);

	if (i < 0)
		return call_fail(call, -ENOENT,
			"'%s': there is no such bypass; 'show configuration' has those there are",
			arg[0].word);
	array_del(&config->bypass, &config->n_bypasses, sizeof(old), i);
	return 0;
}

static int
mss_clamp(struct call *call, const struct arg *arg)
{
	call->config->mss = (uint16_t)arg[0].u;
	return 0;
}

static int
mss_clamp_off(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->mss = 0;
	return 0;
}

static int
other_protocols(struct call *call, const struct arg *arg)
{
	call->config->other_protocols = arg[0].u == 0;
	return 0;
}

static int
port_parity(struct call *call, const struct arg *arg)
{
	call->config->port_parity = arg[0].u == 0;
	return 0;
}

/* ---- as statements ---- */

static void
write_pool(const struct sl_pool *p, bool all, FILE *out)
{
	if (all || p->shared_udp)
		fprintf(out, "pool %s mapping udp %s\n", p->name, mapping_names[p->shared_udp]);
	if (all || p->shared_tcp)
		fprintf(out, "pool %s mapping tcp %s\n", p->name, mapping_names[p->shared_tcp]);
	if (p->block_size != 0) {
		fprintf(out, "pool %s blocks %u", p->name, p->block_size);
		if (all || p->blocks_max > 1)
			fprintf(out, " max %u", RTE_MAX(p->blocks_max, 1));
		fputc('\n', out);
	}
	if (p->fixed.plen != 0)
		fprintf(out, "pool %s deterministic %s\n", p->name, text_net(&p->fixed));
	if (all || p->drain)
		fprintf(out, "pool %s drain %s\n", p->name, p->drain ? "on" : "off");
}

static void
write_bypass(const struct sl_bypass *b, FILE *out)
{
	fprintf(out, "bypass %s", text_net(&b->to));
	if (b->proto != 0)
		fprintf(out, " %s", b->proto == IPPROTO_TCP ? "tcp" : "udp");
	if (b->port != 0)
		fprintf(out, " %u", ntohs(b->port));
	fputc('\n', out);
}

void
cgn_write(const struct sl_config *config, const struct sl_config *defaults, bool all, FILE *out)
{
	for (unsigned int i = 0; i < config->n_pools; i++)
		if (config->pool[i].name[0] != '\0')
			write_pool(&config->pool[i], all, out);
	for (unsigned int i = 0; i < config->n_bypasses; i++)
		write_bypass(&config->bypass[i], out);
	if (all || config->block_idle != defaults->block_idle)
		fprintf(out, "block-idle %u\n", config->block_idle);
	if (config->mss != 0)
		fprintf(out, "mss-clamp %u\n", config->mss);
	else if (all)
		fprintf(out, "mss-clamp off\n");
	if (all || config->other_protocols != defaults->other_protocols)
		fprintf(out, "other-protocols %s\n", config->other_protocols ? "on" : "off");
	if (all || config->port_parity != defaults->port_parity)
		fprintf(out, "port-parity %s\n", config->port_parity ? "on" : "off");
}

const struct statement cli_cgn_statements[] = {
	{ "pool NAME mapping udp|tcp endpoint-independent|endpoint-dependent", pool_mapping,
		"whether a port serves one inside endpoint, or many whose remote endpoints "
		"differ (RFC 7857 section 3)",
		ST_CONFIG },
	{ "no pool POOL mapping udp|tcp", no_pool_mapping, "back to endpoint-independent mapping",
		ST_CONFIG },
	{ "pool NAME blocks BLOCK-SIZE [max BLOCKS]", pool_blocks,
		"give ports to subscribers in blocks; each may hold one block, or as many as max "
		"says",
		ST_CONFIG },
	{ "no pool POOL blocks", no_pool_blocks, "give ports one by one", ST_CONFIG },
	{ "pool NAME deterministic PREFIX", pool_deterministic,
		"give the subscribers of an inside network fixed addresses and ports (RFC 7422)",
		ST_CONFIG },
	{ "no pool POOL deterministic", no_pool_deterministic, "give ports as they are asked for",
		ST_CONFIG },
	{ "pool POOL drain on|off", pool_drain,
		"make no new mappings from a pool, those there go on", ST_CONFIG },
	{ "block-idle SECONDS", block_idle,
		"after how long a block without used ports is taken back", ST_CONFIG },
	{ "no block-idle", no_block_idle, "back to the default time", ST_CONFIG },
	{ "bypass PREFIX", bypass, "route to these destinations without translation (RFC 6888)",
		ST_CONFIG },
	{ "bypass PREFIX tcp|udp", bypass, "the same for one protocol", ST_CONFIG },
	{ "bypass PREFIX tcp|udp PORT", bypass, "the same for one port", ST_CONFIG },
	{ "no bypass PREFIX", no_bypass, "translate what goes to these destinations", ST_CONFIG },
	{ "no bypass PREFIX tcp|udp", no_bypass, "the same for one protocol", ST_CONFIG },
	{ "no bypass PREFIX tcp|udp PORT", no_bypass, "the same for one port", ST_CONFIG },
	{ "mss-clamp MSS", mss_clamp, "the largest TCP segment that a SYN may announce, either way",
		ST_CONFIG },
	{ "mss-clamp off", mss_clamp_off, "leave announced segment sizes as they are", ST_CONFIG },
	{ "other-protocols on|off", other_protocols,
		"translate GRE, ESP, SCTP and UDP-Lite by address alone", ST_CONFIG },
	{ "port-parity on|off", port_parity,
		"give even outside ports for even inside ports and odd for odd (RFC 4787)",
		ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
