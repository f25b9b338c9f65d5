/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NETDEV_H
#define NETDEV_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Is the interface there, in this network namespace, and has it a carrier?
 * @return 1 or 0; -errno when that cannot be told now
 */
int netdev_is_up(const char *name);

/** MTU of an interface, 0 when it is not there; 65535 stands for all that is above. */
uint16_t netdev_mtu(const char *name);

/** Set the MTU of an interface; 0 or -errno. */
int netdev_set_mtu(const char *name, uint16_t mtu);

#endif /* NETDEV_H */
