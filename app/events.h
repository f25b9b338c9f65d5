/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EVENTS_H
#define EVENTS_H

#include "lease.h"
#include "sluice.h"

struct box;
struct port;

/** What an event is about. */
enum event_kind {
	EVENT_SESSION,
	EVENT_MAPPING,
	EVENT_BLOCK,
	EVENT_FORWARD, /**< the operator's */
	EVENT_LEASE, /**< a port that a host has opened */
	EVENT_PORT,
	EVENT_LIMIT, /**< something ran out for a subscriber */
	EVENT_WORKER,
	EVENT_KINDS,
	EVENT_LOST = EVENT_KINDS, /**< so many events are missing here */
};

/** What happened to it. */
enum event_what {
	EVENT_NEW,
	EVENT_END,
	EVENT_RENEWED,
	EVENT_EXPIRED,
	EVENT_UP,
	EVENT_DOWN,
	EVENT_REACHED,
	EVENT_STUCK,
	EVENT_RUNS,
	EVENT_SLOW, /**< of EVENT_LOST: the reader did not keep up */
	EVENT_OVERFLOW, /**< of EVENT_LOST: control did not keep up with the workers */
	EVENT_WHATS
};

/** One event; plain data. What a kind does not have is 0. */
struct event {
	uint64_t wall; /**< milliseconds since 1970, UTC */
	uint8_t kind, what;
	uint8_t proto;
	uint8_t origin; /**< enum sl_lease_origin */
	uint16_t tenant, worker;
	rte_be32_t in_addr, out_addr, rem_addr;
	rte_be16_t in_port, out_port, rem_port;
	uint16_t ports; /**< of a block, of a forward */
	uint16_t why; /**< enum sl_counter: what was refused */
	uint8_t side; /**< enum sl_side of a port */
	bool six; /**< the inside is in6 */
	uint8_t plen6;
	struct sl_ip6 in6;
	uint64_t count; /**< of a limit what it is, of lost events how many */
};

/** Which events somebody wants; zero fields want any. */
struct event_want {
	uint32_t kinds; /**< bits 1 << enum event_kind */
	struct sl_ifaddr in, out, rem;
	struct sl_ifaddr6 in6;
	uint8_t proto;
	uint16_t tenant; /**< index + 1 */
};

struct listener;

/** How a listener is doing. */
struct listener_stats {
	uint64_t taken, lost; /**< events */
	uint32_t waiting;
};

/** What became of events since the start; any lcore. */
struct event_stats {
	uint64_t told; /**< to listeners */
	uint64_t lost; /**< by slow ones */
};

/**
 * Listen from now on.
 * @param ready  called when there is something after events_take() had nothing; it must do
 *               little, and not take at once
 * @return NULL without memory
 */
struct listener *events_listen(
	struct box *box, const struct event_want *want, void (*ready)(void *arg), void *arg);

/** Listen no more. NULL is fine. */
void events_leave(struct listener *listener);

/** The next event; false: there is none, and ready() will be called. */
bool events_take(struct listener *listener, struct event *event);

/** How it is doing; a copy. */
struct listener_stats events_listener(const struct listener *listener);

/** Does this event fit a wish? */
bool event_wanted(const struct event_want *want, const struct event *event);

/** Call fn for each listener. */
void events_each(const struct box *box,
	void (*fn)(void *arg, const struct event_want *want, const struct listener_stats *stats),
	void *arg);

/** Totals; any lcore. */
struct event_stats events_stats(const struct box *box);

/** Free what is left of it; nobody listens any more. */
void events_destroy(struct box *box);

/* ---- those who tell; each returns at once when nobody listens ---- */

/** A record of a worker's. wall: when; limit: what was exceeded, 0: nothing that is counted. */
void events_record(struct box *box, const struct sl_record *record, uint64_t wall, uint32_t limit);

/** The configuration changes from one to the other: forwards that come and go. */
void events_forwards(struct box *box, const struct sl_config *from, const struct sl_config *to);

/** A lease has changed. */
void events_lease(struct box *box, enum sl_lease_change change, const struct sl_lease *lease);

/** A port is up, or down. */
void events_port(struct box *box, const struct port *port);

/** A worker stands still, or goes on. */
void events_worker(struct box *box, unsigned int worker, bool stuck);

#endif /* EVENTS_H */
