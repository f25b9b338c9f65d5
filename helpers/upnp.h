/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_H
#define SL_UPNP_H

/**
 * @file
 * UPnP Internet Gateway Device for the hosts of one tenant: SSDP, description, SOAP, eventing.
 *
 * One server for each tenant, on the control lcore alone. It waits for nothing: all sockets are
 * non-blocking and belong to the caller's loop. Sockets come from the caller too, who knows the
 * network namespace and binds them to the inside, so that the outside is never heard.
 */

#include <stdint.h>

#include <rte_ether.h>

#include "lease.h"

/** Called when a descriptor is ready; events as of epoll. */
typedef void sl_upnp_fd_fn(void *arg, uint32_t events);

/** What the service descriptions have figures of: the outside link. */
struct sl_upnp_figures {
	uint64_t bytes_sent, bytes_received; /**< to and from the outside */
	uint64_t packets_sent, packets_received;
	uint64_t uptime; /**< seconds since hosts can reach the outside */
	uint64_t bits; /**< a second, both ways; 0: nobody knows */
	bool up;
};

/** What a server is made of; copied, but for what pointers of functions lead to. */
struct sl_upnp_params {
	struct sl_leases *leases;
	unsigned int tenant; /**< index */
	const char *name; /**< of the tenant: with the MAC it makes the UUID */
	struct rte_ether_addr mac; /**< of the box, the same over restarts */
	const struct sl_ifaddr *addr; /**< the box's addresses on the inside link */
	unsigned int n_addrs;
	uint8_t igd; /**< version, 1 or 2 */
	uint16_t port; /**< of HTTP, host order */
	uint32_t boot_id; /**< grows with each start (UDA 1.1 BOOTID.UPNP.ORG) */
	uint32_t deadline; /**< milliseconds for a whole request, 0: 5000 */
	void *arg; /**< of the functions: */
	uint64_t (*now)(void *arg); /**< milliseconds, of the same clock as the store's */
	/** A socket bound to the tenant's inside, SOCK_NONBLOCK and SOCK_CLOEXEC; or -errno. */
	int (*socket)(void *arg, int domain, int type, int proto);
	/** As loop_add(), loop_mod(), loop_del(). */
	int (*watch)(void *arg, int fd, uint32_t events, sl_upnp_fd_fn *fn, void *fn_arg);
	int (*rewatch)(void *arg, int fd, uint32_t events);
	void (*unwatch)(void *arg, int fd);
	void (*figures)(void *arg, struct sl_upnp_figures *figures);
};

struct sl_upnp; /**< a server */

/** Open the sockets and announce the device; NULL with errno. */
struct sl_upnp *sl_upnp_create(const struct sl_upnp_params *params);

/** Take leave (ssdp:byebye) and free it. Not from within its callbacks. NULL is fine. */
void sl_upnp_destroy(struct sl_upnp *upnp);

/** Leases of this tenant, the outside address or the link have changed: subscribers hear of it. */
void sl_upnp_changed(struct sl_upnp *upnp);

/**
 * Do what is due. The server has a timer of its own in the loop and calls this by itself.
 * @return when it wants to be called again
 */
uint64_t sl_upnp_poll(struct sl_upnp *upnp, uint64_t now);

#endif /* SL_UPNP_H */
