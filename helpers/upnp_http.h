/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_HTTP_H
#define SL_UPNP_HTTP_H

#include "upnp_event.h"

#define SL_HTTP_MAX_HOST 4 /**< connections of one host */

/** The HTTP server of a device. */
struct sl_http;

/**
 * Listen; params, igd and events stay the caller's.
 * @param wake_fn  called when sl_http_poll() is wanted sooner than it said
 * @return NULL with errno
 */
struct sl_http *sl_http_create(const struct sl_upnp_params *params, struct sl_igd *igd,
	struct sl_events *events, void (*wake_fn)(void *arg), void *arg);

/** Close all connections and free it. NULL is fine. */
void sl_http_destroy(struct sl_http *http);

/** Do what is due. @return when to be called again */
uint64_t sl_http_poll(struct sl_http *http, uint64_t now);

#endif /* SL_UPNP_HTTP_H */
