/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FIT_H
#define FIT_H

#include <rte_ethdev.h>

#include "port.h"

/** Data room of an mbuf, without headroom: as asked, else as the ports that there are need. */
unsigned int fit_room(const struct port_options *options);

/**
 * Choose queues, MTU, offloads and RSS by what the device offers, and configure it.
 * @param room  data room of an mbuf without headroom
 * @return 0 or -errno, logged; n_rxq, n_txq and mtu of the port are set
 */
int fit_port(struct port *port, const struct rte_eth_dev_info *info, unsigned int room,
	const struct port_options *options);

/** The MTU that the driver can be told; may be less than port->mtu, see fit.c. */
uint16_t fit_device_mtu(const struct port *port, const struct rte_eth_dev_info *info);

#endif /* FIT_H */
