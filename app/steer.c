/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Steering: the ports' RSS brings packets to the workers that own them.
 *
 * The library makes key and table (lib/steer.c) such that plain RSS, as nearly every NIC has
 * it, decides by the source address alone on the inside and by the destination port alone
 * on the outside. So nothing special is asked of a device: that it hashes IPv4, or TCP and
 * UDP over IPv4, that it takes our key, and that its table is long enough.
 *
 * Order. The key is asked for when the port is configured, the table is written when it has
 * started; then both are read back, and only when they are what was written the library is
 * told to follow them. Drivers that ignore a key or round up a table do exist. Each port is
 * judged alone: one may steer while the other does not.
 *
 * Where it does not work out, the library shares subscribers and ports out by itself and
 * workers hand packets over. Queues are still spread by RSS then, as far as there is any.
 *
 * What cannot be read back is in which order a device hashes what. Hand-offs tell: a quarter
 * of all packets is more than the exceptions (ICMP and fragments from outside, forwards,
 * hairpins) usually are, and less than two workers have with a hash of another kind.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <rte_errno.h>

#include "log.h"
#include "port.h"
#include "steer.h"

/* Inside, whatever begins with the source address will do; the more types the better. */
static const uint64_t types_wanted[2] = {
	[SL_INSIDE] = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
		      RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV4_OTHER,
	[SL_OUTSIDE] = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP,
};

#define WATCH_MIN 1000 /* hand-offs that say something */
#define TYPES_L4 (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP)

static const char *const side_name[2] = { "inside", "outside" };
static const char *const steered_by[2] = { "source address", "destination port" };

#define BECAUSE(steer, ...) snprintf((steer)->why, sizeof((steer)->why), __VA_ARGS__)

static bool
hashes_enough(const struct port *port, uint64_t types)
{
	if ((types & TYPES_L4) == TYPES_L4)
		return true;
	return port->side == SL_INSIDE && (types & RTE_ETH_RSS_IPV4);
}

/* Can the port steer, as far as its driver's own description goes? Makes the key if so. */
static bool
make_key(struct port *port, const struct rte_eth_dev_info *info)
{
	struct steer *s = &port->steer;
	uint64_t random = 0;

	if (port->n_rxq < port->n_workers)
		BECAUSE(s, "the port has %u queues for %u workers", port->n_rxq, port->n_workers);
	else if (!hashes_enough(port, s->types))
		BECAUSE(s, "the device does not hash TCP and UDP");
	else if (info->hash_key_size < SL_STEERING_KEY_MIN || info->hash_key_size > STEER_KEY_MAX)
		BECAUSE(s, "the device takes no RSS key");
	else if (info->reta_size == 0)
		BECAUSE(s, "the device has no RSS table");
	else if (!rte_is_power_of_2(info->reta_size) || info->reta_size > STEER_RETA_MAX ||
		 info->reta_size < 4 * port->n_workers)
		BECAUSE(s, "an RSS table of %u entries does not fit %u workers", info->reta_size,
			port->n_workers);
	else if (getrandom(&random, sizeof(random), 0) != sizeof(random) ||
		 sl_steering_key(
			 port->side, info->reta_size, random, s->key, info->hash_key_size) != 0)
		BECAUSE(s, "no key could be made");
	else
		s->on = true;
	return s->on;
}

bool
steer_ask(struct port *port, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf)
{
	struct rte_eth_rss_conf *rss = &conf->rx_adv_conf.rss_conf;
	struct steer *s = &port->steer;
	size_t len = info->hash_key_size;

	memset(s, 0, sizeof(*s));
	s->types = types_wanted[port->side] & info->flow_type_rss_offloads;
	if (port->n_rxq < 2) {
		BECAUSE(s, "the port has one queue");
		return false;
	}
	if (s->types == 0) {
		BECAUSE(s, "the device has no RSS");
		return false;
	}
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	rss->rss_hf = s->types;
	s->reta_size = info->reta_size;
	if (make_key(port, info) ||
		(len > 0 && len <= STEER_KEY_MAX && getrandom(s->key, len, 0) == (ssize_t)len)) {
		s->key_len = info->hash_key_size;
		rss->rss_key = s->key;
		rss->rss_key_len = s->key_len;
	}
	return true;
}

void
steer_refused(struct port *port, int rc)
{
	port->steer.on = false;
	BECAUSE(&port->steer, "the device refuses RSS: %s", rte_strerror(-rc));
}

/* The table, written and read back; false with the reason. */
static bool
write_reta(struct port *port)
{
	struct rte_eth_rss_reta_entry64 reta[STEER_RETA_MAX / RTE_ETH_RETA_GROUP_SIZE] = { 0 };
	struct steer *s = &port->steer;
	int rc;

	for (unsigned int i = 0; i < s->reta_size; i++) {
		struct rte_eth_rss_reta_entry64 *group = &reta[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask |= UINT64_C(1) << (i % RTE_ETH_RETA_GROUP_SIZE);
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = s->reta[i];
	}
	rc = rte_eth_dev_rss_reta_update(port->id, reta, s->reta_size);
	if (rc < 0) {
		BECAUSE(s, "the device refuses an RSS table: %s", rte_strerror(-rc));
		return false;
	}
	for (unsigned int i = 0; i < RTE_DIM(reta); i++)
		memset(reta[i].reta, 0xff, sizeof(reta[i].reta));
	rc = rte_eth_dev_rss_reta_query(port->id, reta, s->reta_size);
	for (unsigned int i = 0; rc >= 0 && i < s->reta_size; i++)
		if (reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] !=
			s->reta[i])
			rc = -EILSEQ;
	if (rc < 0)
		BECAUSE(s, "the device does not keep its RSS table");
	return rc >= 0;
}

/* The key and the types that the device says it uses; false with the reason. */
static bool
check_key(struct port *port)
{
	uint8_t key[STEER_KEY_MAX] = { 0 };
	struct steer *s = &port->steer;
	struct rte_eth_rss_conf rss = { .rss_key = key, .rss_key_len = s->key_len };
	int rc = rte_eth_dev_rss_hash_conf_get(port->id, &rss);

	if (rc < 0)
		BECAUSE(s, "the device does not tell its RSS key: %s", rte_strerror(-rc));
	else if (rss.rss_key_len != s->key_len || memcmp(key, s->key, s->key_len) != 0)
		BECAUSE(s, "the device keeps another RSS key");
	else if (!hashes_enough(port, rss.rss_hf))
		BECAUSE(s, "the device does not hash TCP and UDP");
	else
		return true;
	return false;
}

void
steer_begin(struct port *port, uint32_t block)
{
	struct steer *s = &port->steer;

	if (port->n_workers < 2)
		return;
	if (s->on && sl_steering_reta(port->side, s->key, port->n_workers, block, s->reta,
			     s->reta_size) != 0) {
		BECAUSE(s, "no RSS table could be made");
		s->on = false;
	}
	s->on = s->on && write_reta(port) && check_key(port);
	if (s->on)
		SL_LOG(INFO, "port %s: RSS on %s, %u entries, no hand-off", side_name[port->side],
			steered_by[port->side], s->reta_size);
	else
		SL_LOG(INFO, "port %s: hand-off by software: %s", side_name[port->side], s->why);
}

void
steer_watch(struct port *port, const struct sl_nat *nat)
{
	uint64_t handed, all;

	if (!port[SL_INSIDE].steer.on || !port[SL_OUTSIDE].steer.on ||
		port[SL_INSIDE].steer.doubted)
		return;
	handed = sl_counter_sum(nat, SL_COUNTER_HANDOFF_OUT);
	all = sl_counter_sum(nat, SL_COUNTER_RX_INSIDE) +
	      sl_counter_sum(nat, SL_COUNTER_RX_OUTSIDE);
	if (handed < WATCH_MIN || handed < all / 4)
		return;
	port[SL_INSIDE].steer.doubted = true;
	SL_LOG(NOTICE,
		"%u of 100 packets are handed over though both ports steer: many are forwarded, "
		"hairpinned, ICMP or fragments, or a device hashes in another order than others",
		(unsigned int)(100 * handed / RTE_MAX(all, UINT64_C(1))));
}

struct sl_steering
steer_params(const struct port *port)
{
	const struct steer *s = &port->steer;

	if (!s->on || port->n_workers < 2)
		return (struct sl_steering){ 0 };
	return (struct sl_steering){ .key = s->key, .reta = s->reta, .reta_size = s->reta_size };
}

uint32_t
steer_block(const struct sl_config *config)
{
	uint32_t most = 0;

	for (unsigned int i = 0; i < config->n_pools; i++)
		most = RTE_MAX(most, (uint32_t)config->pool[i].block_size);
	return most;
}
