/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_EVENT_H
#define SL_UPNP_EVENT_H

#include "upnp_table.h"

#define SL_EVENT_SID 42 /**< "uuid:" and a UUID, with the final zero */
#define SL_EVENT_MAX 64 /**< subscriptions */
#define SL_EVENT_MAX_HOST 8 /**< of one host */
#define SL_EVENT_SECONDS 1800 /**< longest time of one, and what is given without a wish */

/** Who wants to be told what. */
struct sl_events;

/** A request by SUBSCRIBE; headers that did not come are NULL. */
struct sl_event_request {
	const struct sl_upnp_service *service;
	rte_be32_t client;
	const char *callback, *nt, *sid, *timeout;
};

/** What a subscriber is told. */
struct sl_event_answer {
	char sid[SL_EVENT_SID];
	uint32_t seconds;
};

/**
 * For a device; params and igd stay the caller's.
 * @param wake  called when sl_events_poll() is wanted sooner than it said
 * @return NULL: no memory
 */
struct sl_events *sl_events_create(const struct sl_upnp_params *params, struct sl_igd *igd,
	void (*wake)(void *arg), void *arg);

/** End all subscriptions without a word. NULL is fine. */
void sl_events_destroy(struct sl_events *events);

/** SUBSCRIBE, new or renewed. @return HTTP status, 200 with answer filled in */
unsigned int sl_events_subscribe(struct sl_events *events, const struct sl_event_request *request,
	uint64_t now, struct sl_event_answer *answer);

/** UNSUBSCRIBE. @return HTTP status */
unsigned int sl_events_unsubscribe(
	struct sl_events *events, const struct sl_event_request *request);

/** Values may have changed. */
void sl_events_changed(struct sl_events *events, uint64_t now);

/** Do what is due. @return when to be called again */
uint64_t sl_events_poll(struct sl_events *events, uint64_t now);

/** Subscriptions there are. */
unsigned int sl_events_count(const struct sl_events *events);

#endif /* SL_UPNP_EVENT_H */
