/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SSDP_H
#define SL_SSDP_H

#include "upnp_table.h"

#define SL_SSDP_GROUP 0xeffffffa /**< 239.255.255.250, host order */
#define SL_SSDP_PORT 1900
#define SL_SSDP_MAX_AGE 1800 /**< seconds that an announcement counts */
#define SL_SSDP_MAX 640 /**< bytes of a message */
#define SL_SSDP_TARGETS 10 /**< 3 + 2d + k: what is announced and searched for */
#define SL_SSDP_SERVER "Linux UPnP/1.1 sluice/1"

/** What announces and answers; no sockets, no clock. */
struct sl_ssdp;

/** A datagram that came. */
struct sl_ssdp_heard {
	rte_be32_t from, to; /**< to: the group, or an address of the box */
	rte_be16_t port; /**< it came from */
	const void *data;
	size_t n;
	uint64_t random; /**< any number, for the delay */
};

/** A datagram to be sent. */
struct sl_ssdp_message {
	rte_be32_t from, to; /**< from: an address of the box */
	rte_be16_t port; /**< to which */
	size_t n;
	char text[SL_SSDP_MAX];
};

/** For a device at these addresses (copied); igd stays the caller's. NULL: no memory. */
struct sl_ssdp *sl_ssdp_create(const struct sl_igd *igd, const struct sl_ifaddr *addr,
	unsigned int n_addrs, uint16_t http_port, uint32_t boot_id, uint64_t now);

/** Free it. NULL is fine. */
void sl_ssdp_destroy(struct sl_ssdp *ssdp);

/** Read a datagram; its answers come out of sl_ssdp_next() in time. */
void sl_ssdp_hear(struct sl_ssdp *ssdp, const struct sl_ssdp_heard *heard, uint64_t now);

/** The next datagram that is due; false: none. */
bool sl_ssdp_next(struct sl_ssdp *ssdp, uint64_t now, struct sl_ssdp_message *message);

/** Number i of the messages that take leave; false: that was all. */
bool sl_ssdp_byebye(const struct sl_ssdp *ssdp, unsigned int i, struct sl_ssdp_message *message);

/** When the next one is due. */
uint64_t sl_ssdp_due(const struct sl_ssdp *ssdp);

#endif /* SL_SSDP_H */
