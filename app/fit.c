/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an ethdev port is asked for: number of queues, size of packets; RSS is in steer.c.
 *
 * Any ethdev will do, and they differ: a virtual port reports no RSS, no scatter, cannot
 * set its MTU or MAC, has one queue, or as many as its arguments said. So everything that
 * only makes things faster is asked for and done without when it is refused, with one
 * line in the log: correctness never depends on it, since the library hands packets
 * over to the worker that owns them. Errors are only what leaves no port to work with.
 *
 * Size. The MTU is the one asked for, else that of the kernel's interface that the port
 * stands on, else the driver's. A frame that is larger than an mbuf is scattered over
 * several where the device can, and where it cannot the mbufs are made as large as the
 * ports' MTUs need. Some drivers set no limit to the MTU and pass on frames of any size,
 * but name a largest frame of 1518 bytes, by which ethdev would refuse more (net_af_packet,
 * net_memif): these are told less than the gateway then uses. net_tap's limit is one,
 * since it refuses to send more; that of net_af_packet is its ring's, see afpacket.c.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <net/if.h>

#include "afpacket.h"
#include "fit.h"
#include "log.h"
#include "netdev.h"

/* Ethernet header, two VLAN tags, CRC. */
#define L2_OVERHEAD (RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

/* What the device has now. */
static uint16_t
current_mtu(uint16_t id, const struct rte_eth_dev_info *info)
{
	char name[IF_NAMESIZE];
	uint16_t mtu = 0;

	if (info->if_index != 0 && if_indextoname(info->if_index, name) != NULL)
		mtu = netdev_mtu(name);
	if (mtu == 0 && rte_eth_dev_get_mtu(id, &mtu) < 0)
		mtu = 0;
	return mtu != 0 ? RTE_MIN(mtu, (uint16_t)PORT_MTU_MAX) : RTE_ETHER_MTU;
}

/* The largest MTU with which every packet still gets through. */
static unsigned int
mtu_limit(const struct rte_eth_dev_info *info)
{
	unsigned int frame = afpacket_frame(info);

	if (frame != 0)
		return afpacket_mtu(frame);
	if (strcmp(info->driver_name, "net_tap") == 0)
		return info->max_rx_pktlen - RTE_ETHER_HDR_LEN - RTE_ETHER_CRC_LEN;
	return info->max_mtu >= RTE_ETHER_MIN_MTU ? info->max_mtu : UINT16_MAX;
}

/* MTU in force: the one asked for, else the device's, within what the device allows. */
static int
choose_mtu(struct port *port, const struct rte_eth_dev_info *info, uint16_t asked)
{
	unsigned int limit = mtu_limit(info);
	bool ring = afpacket_frame(info) != 0;

	port->mtu = asked != 0 ? asked : current_mtu(port->id, info);
	if (port->mtu <= limit)
		return 0;
	if (asked != 0) {
		SL_LOG(ERR, "%s: MTU %u is above the device's limit of %u%s", port->name, asked,
			limit,
			ring ? ", which follows from framesz; without framesz, blocksz and "
			       "framecnt they are chosen to fit"
			     : "");
		return -EINVAL;
	}
	SL_LOG(NOTICE, "%s: MTU %u is above the device's limit, it becomes %u", port->name,
		port->mtu, limit);
	port->mtu = (uint16_t)limit;
	return 0;
}

/* Room that packets of this port need in one mbuf; 0 when they may be scattered. */
static unsigned int
room_needed(uint16_t id, const struct port_options *options)
{
	uint16_t asked = RTE_MAX(options->mtu[SL_INSIDE], options->mtu[SL_OUTSIDE]);
	struct rte_eth_dev_info info;
	unsigned int frame;

	if (rte_eth_dev_info_get(id, &info) < 0)
		return 0;
	frame = afpacket_frame(&info);
	if (frame != 0)
		return afpacket_room(frame);
	if (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER)
		return 0;
	return RTE_MAX(asked, current_mtu(id, &info)) + L2_OVERHEAD;
}

unsigned int
fit_room(const struct port_options *options)
{
	unsigned int room = RTE_MBUF_DEFAULT_DATAROOM;
	uint16_t id;

	if (options->mbuf_size != 0)
		return options->mbuf_size;
	RTE_ETH_FOREACH_DEV(id)
		room = RTE_MAX(room, room_needed(id, options));
	return room;
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

/* rte_eth_dev_configure(), each time with a little less until the device agrees. */
static int
configure(struct port *port, const struct rte_eth_dev_info *info, unsigned int room)
{
	struct rte_eth_conf plain = { .rxmode.mtu = fit_device_mtu(port, info) }, steered;
	int rc = choose_offloads(port, info, room, &plain);

	if (rc < 0)
		return rc;
	if (info->dev_flags != NULL && (*info->dev_flags & RTE_ETH_DEV_INTR_RMV))
		plain.intr_conf.rmv = 1;
	steered = plain;
	if (steer_ask(port, info, &steered)) {
		rc = rte_eth_dev_configure(port->id, port->n_rxq, port->n_txq, &steered);
		if (rc == 0)
			return 0;
		steer_refused(port, rc);
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

/*
 * One queue a worker, or what the device has and the user wants. A memif that was asked for more
 * than its peer has takes the first one for all of the others, and every packet as often; it
 * tells nobody how many there are, so more than one are the user's to ask for.
 */
static uint16_t
count_queues(const struct port *port, const char *driver, uint16_t offered,
	const struct port_options *options)
{
	unsigned int n = port->n_workers;

	if (options->max_queues != 0)
		n = RTE_MIN(n, options->max_queues);
	else if (strcmp(driver, "net_memif") == 0)
		n = 1;
	if (n > offered)
		n = offered;
	return n == 0 ? 1 : (uint16_t)n;
}

int
fit_port(struct port *port, const struct rte_eth_dev_info *info, unsigned int room,
	const struct port_options *options)
{
	int rc = choose_mtu(port, info, options->mtu[port->side]);
	unsigned int frame = afpacket_frame(info);
	uint16_t told;

	if (rc < 0)
		return rc;
	told = fit_device_mtu(port, info);
	if (told != port->mtu && info->if_index == 0)
		SL_LOG(NOTICE,
			"%s: the driver knows an MTU of %u only; the gateway uses %u, set the "
			"other end of the link to the same",
			port->name, told, port->mtu);
	if (frame != 0)
		SL_LOG(NOTICE,
			"%s: for this driver the kernel joins fragments; datagrams longer than "
			"%u bytes are lost (argument framesz)",
			port->name, afpacket_mtu(frame));
	port->n_rxq = count_queues(port, info->driver_name, info->max_rx_queues, options);
	port->n_txq = count_queues(port, info->driver_name, info->max_tx_queues, options);
	return configure(port, info, room);
}
