/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an ethdev port is asked for: number of queues, size of packets, steering.
 *
 * Any ethdev will do, and they differ: a virtual port reports no RSS, no scatter, cannot
 * set its MTU or MAC, has one queue, or as many as its arguments said. So everything that
 * only makes things faster is asked for and done without when it is refused, with one
 * line in the log: correctness never depends on it, since the library hands packets
 * over to the worker that owns them. Errors are only what leaves no port to work with.
 *
 * Steering. RSS on what makes a packet reach its owner in most cases: the source address
 * inside (a subscriber belongs to one worker), the destination port outside (as does an
 * outside port), limited to what the device offers. The key is random, so nobody outside
 * can aim at one worker.
 *
 * Size. A frame that is larger than an mbuf is scattered over several where the device
 * can. net_tap sets no limit to the MTU and takes frames of any size, but names a largest
 * frame of 1522 bytes, by which ethdev would refuse more; it is told less than the
 * gateway then uses.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <sys/random.h>

#include "fit.h"
#include "log.h"

#define RSS_KEY_MAX 64
/* Ethernet header, two VLAN tags, CRC. */
#define L2_OVERHEAD (RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

static const uint64_t rss_wanted[2] = {
	[SL_INSIDE] = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
		      RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_L3_SRC_ONLY,
	[SL_OUTSIDE] = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP |
		       RTE_ETH_RSS_L4_DST_ONLY,
};

/* MTU in force: the one asked for, else the device's, within what the device allows. */
static int
choose_mtu(struct port *port, const struct rte_eth_dev_info *info, uint16_t asked)
{
	uint16_t mtu = asked;

	if (mtu == 0 && (rte_eth_dev_get_mtu(port->id, &mtu) < 0 || mtu == 0))
		mtu = RTE_ETHER_MTU;
	if (mtu > info->max_mtu && info->max_mtu >= RTE_ETHER_MIN_MTU) {
		if (asked != 0) {
			SL_LOG(ERR, "%s: MTU %u is above the device's limit of %u", port->name,
				asked, info->max_mtu);
			return -EINVAL;
		}
		mtu = info->max_mtu;
	}
	port->mtu = mtu;
	return 0;
}

uint16_t
fit_device_mtu(const struct port *port, const struct rte_eth_dev_info *info)
{
	unsigned int most = info->max_rx_pktlen - RTE_ETHER_HDR_LEN - RTE_ETHER_CRC_LEN;

	if (info->max_mtu != UINT16_MAX || info->max_rx_pktlen < RTE_ETHER_MAX_LEN ||
		port->mtu <= most)
		return port->mtu;
	return (uint16_t)RTE_MIN(most, (unsigned int)RTE_ETHER_MTU);
}

/* Room for a whole frame in one mbuf, or scatter over several. */
static int
choose_offloads(const struct port *port, const struct rte_eth_dev_info *info, unsigned int room,
	struct rte_eth_conf *conf)
{
	bool fits = port->mtu + L2_OVERHEAD <= (int)room;

	if (!fits && (info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) == 0) {
		SL_LOG(ERR,
			"%s: MTU %u does not fit into mbufs of %u bytes and the device cannot "
			"scatter: start with --mbuf-size %u",
			port->name, port->mtu, room, port->mtu + L2_OVERHEAD);
		return -EINVAL;
	}
	if (!fits)
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	if (info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	else if (!fits)
		SL_LOG(WARNING,
			"%s: cannot send packets in several mbufs, large ones may be "
			"refused: --mbuf-size %u avoids them",
			port->name, port->mtu + L2_OVERHEAD);
	return 0;
}

/* RSS as far as the device offers it; false when there is nothing to configure. */
static bool
choose_rss(const struct port *port, const struct rte_eth_dev_info *info, uint8_t *key,
	struct rte_eth_conf *conf)
{
	uint64_t hf = rss_wanted[port->side] & info->flow_type_rss_offloads;

	if (port->n_rxq < 2 || (hf & ~(RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L4_DST_ONLY)) == 0)
		return false;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = hf;
	if (info->hash_key_size > 0 && info->hash_key_size <= RSS_KEY_MAX &&
		getrandom(key, info->hash_key_size, 0) == info->hash_key_size) {
		conf->rx_adv_conf.rss_conf.rss_key = key;
		conf->rx_adv_conf.rss_conf.rss_key_len = info->hash_key_size;
	}
	return true;
}

/* rte_eth_dev_configure(), each time with a little less until the device agrees. */
static int
configure(struct port *port, const struct rte_eth_dev_info *info, unsigned int room)
{
	struct rte_eth_conf plain = { .rxmode.mtu = fit_device_mtu(port, info) }, steered;
	uint8_t key[RSS_KEY_MAX];
	int rc = choose_offloads(port, info, room, &plain);

	if (rc < 0)
		return rc;
	if (info->dev_flags != NULL && (*info->dev_flags & RTE_ETH_DEV_INTR_RMV))
		plain.intr_conf.rmv = 1;
	steered = plain;
	if (choose_rss(port, info, key, &steered)) {
		rc = rte_eth_dev_configure(port->id, port->n_rxq, port->n_txq, &steered);
		if (rc == 0)
			return 0;
		SL_LOG(NOTICE, "%s: no RSS (%s), packets are steered by software", port->name,
			rte_strerror(-rc));
	}
	rc = rte_eth_dev_configure(port->id, port->n_rxq, port->n_txq, &plain);
	if (rc < 0 && port->n_rxq != port->n_txq) {
		/* Some drivers (net_tap) want as many queues of one kind as of the other. */
		port->n_rxq = port->n_txq = RTE_MIN(port->n_rxq, port->n_txq);
		rc = rte_eth_dev_configure(port->id, port->n_rxq, port->n_txq, &plain);
	}
	if (rc < 0)
		SL_LOG(ERR, "%s: cannot be configured with %u RX and %u TX queues: %s", port->name,
			port->n_rxq, port->n_txq, rte_strerror(-rc));
	return rc;
}

/* One queue a worker, or what the device has and the user wants. */
static uint16_t
count_queues(const struct port *port, uint16_t offered, const struct port_options *options)
{
	unsigned int n = port->n_workers;

	if (options->max_queues != 0)
		n = RTE_MIN(n, options->max_queues);
	if (n > offered)
		n = offered;
	return n == 0 ? 1 : (uint16_t)n;
}

int
fit_port(struct port *port, const struct rte_eth_dev_info *info, unsigned int room,
	const struct port_options *options)
{
	int rc = choose_mtu(port, info, options->mtu[port->side]);
	uint16_t told;

	if (rc < 0)
		return rc;
	told = fit_device_mtu(port, info);
	if (told != port->mtu)
		SL_LOG(NOTICE,
			"%s: the driver knows an MTU of %u only; the gateway uses %u, set the "
			"other end of the link to the same",
			port->name, told, port->mtu);
	port->n_rxq = count_queues(port, info->max_rx_queues, options);
	port->n_txq = count_queues(port, info->max_tx_queues, options);
	return configure(port, info, room);
}
