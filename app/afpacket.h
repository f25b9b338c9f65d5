/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AFPACKET_H
#define AFPACKET_H

#include <stdint.h>

#include <rte_ethdev.h>

/**
 * EAL's words, with frames for each --vdev net_af_packet that hold the largest MTU in
 * sight: of the interfaces of all of them and of the two that were asked for. Arguments
 * that name a size themselves are left as they are.
 * @param argv  words for EAL, which has not started
 * @return as many words, one allocation, the caller's to free(); NULL without memory
 */
char **afpacket_words(int argc, char **argv, const uint16_t mtu[2]);

/** Bytes of a frame of this port's rings; 0 when it is no net_af_packet. */
unsigned int afpacket_frame(const struct rte_eth_dev_info *info);

/** Largest MTU that frames of this size carry. */
unsigned int afpacket_mtu(unsigned int frame);

/** Data room of an mbuf, without headroom, that the driver wants for such frames. */
unsigned int afpacket_room(unsigned int frame);

#endif /* AFPACKET_H */
