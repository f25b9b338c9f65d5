/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PIPE_H
#define TEST_PIPE_H

#include "conf.h"
#include "pkttext.h"
#include "sluice.h"

#define PIPE_GOT_MAX 4096
#define PIPE_ROUTES_MAX 32
#define PIPE_EVENTS_MAX 1024

/** A packet that came out of the gateway. */
struct pipe_packet {
	struct rte_mbuf *m;
	enum sl_side side; /**< where it left; of a punt, where it came in */
	bool punt;
	enum sl_punt_cause cause;
	unsigned int tenant; /**< of a punt */
	unsigned int worker; /**< that sent it */
};

/** A route as the tests told it, to know which MAC address to expect. */
struct pipe_route {
	rte_be32_t prefix, gw;
	unsigned int tenant;
	uint8_t plen;
	enum sl_side side;
};

/** The same of IPv6. */
struct pipe_route6 {
	struct sl_ifaddr6 prefix;
	struct sl_ip6 gw; /**< all zeros: on the link */
	unsigned int tenant;
	enum sl_side side;
};

struct sl_helpers;

/** One gateway on the bench. */
struct pipe {
	struct sl_nat *nat;
	struct sl_helpers *helpers; /**< control's side; NULL while no helper is on */
	struct sl_msg *answer; /**< to a question of the test's own, not taken yet */
	unsigned int n_workers;
	uint64_t now, base; /**< milliseconds; base is when the case began */
	uint64_t random; /**< state of the random source */
	unsigned int n_got;
	struct pipe_packet got[PIPE_GOT_MAX];
	unsigned int n_events;
	struct sl_event event[PIPE_EVENTS_MAX];
	unsigned int n_routes;
	struct pipe_route route[PIPE_ROUTES_MAX];
	unsigned int n_routes6;
	struct pipe_route6 route6[PIPE_ROUTES_MAX];
	unsigned int refuse[2]; /**< so many packets the port will not take, by side */
	struct sl_out out;
};

/** Steering of the NICs before gateways that are made from now on; none at first. */
extern struct sl_steering pipe_steering[2];

/** Frames may be written to behind their last byte: fragments become whole datagrams. */
extern bool pipe_joins;

/** The helpers of gateways that are made from now on; all that there are at first. */
extern const struct sl_helper_ops *const *pipe_helpers;

/** Start the EAL and make the mempools, once for a program; for use as group setup of cmocka. */
int pipe_setup(void **state);

/**
 * A gateway with fixtures: configuration, routes and neighbours.
 * @param text  statements as in conf.c
 * @param seed  of the random source
 */
struct pipe *pipe_create(unsigned int n_workers, const char *text, uint64_t seed, uint64_t base);

/** Free it and every packet that is still anywhere. */
void pipe_destroy(struct pipe *p);

/** Another configuration; routes and neighbours of new networks are added. 0 or -errno. */
int pipe_configure(struct pipe *p, const char *text);

/** Tell of a route or a neighbour (mac from conf_host_mac()) as the kernel would. */
void pipe_route(struct pipe *p, unsigned int tenant, struct sl_ifaddr prefix, enum sl_side side,
	rte_be32_t gw);
void pipe_neigh(
	struct pipe *p, unsigned int tenant, enum sl_side side, rte_be32_t addr, bool there);

void pipe_route6(struct pipe *p, unsigned int tenant, struct sl_ifaddr6 prefix, enum sl_side side,
	const struct sl_ip6 *gw);
void pipe_neigh6(struct pipe *p, unsigned int tenant, enum sl_side side, const struct sl_ip6 *addr,
	bool there);

/** A frame in an mbuf of one segment, nothing readable behind its last byte. */
struct rte_mbuf *pipe_mbuf(const uint8_t *b, size_t len);

/** The same in two segments, the first of `first` bytes. */
struct rte_mbuf *pipe_mbuf_split(const uint8_t *b, size_t len, size_t first);

/** Let a worker receive n packets. */
void pipe_receive(struct pipe *p, unsigned int worker, enum sl_side side, struct rte_mbuf **m,
	unsigned int n);

/** Poll all workers until none has anything to do; what comes out is in got. */
void pipe_settle(struct pipe *p);

/** Poll all workers once, n times. */
void pipe_poll(struct pipe *p, unsigned int n);

/** An answer of a worker's to a question of the test's own, or NULL; helpers get theirs. */
struct sl_msg *pipe_answer(struct pipe *p, unsigned int worker);

/** Free what came out. */
void pipe_discard(struct pipe *p);

/** Defaults of a frame that a host sends (its bytes say which), and of one that the gateway sends. */
struct pt_default pipe_default_in(
	const struct pipe *p, enum sl_side side, const uint8_t *b, size_t len);
struct pt_default pipe_default_out(
	const struct pipe *p, enum sl_side side, unsigned int tenant, const uint8_t *b, size_t len);

/** True when every packet that came in is accounted for; otherwise a sentence in why. */
bool pipe_balanced(const struct pipe *p, char *why, size_t size);

/** Number of mbufs that are not in their mempool. */
unsigned int pipe_mbufs_out(void);

/** Ask all workers; every answer's buffer is an array of max elements; returns how many. */
unsigned int pipe_ask(struct pipe *p, enum sl_msg_op op, const struct sl_select *select, void *buf,
	size_t size, unsigned int max);

#endif
