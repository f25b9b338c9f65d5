/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MODEL_H
#define MODEL_H

#include "sluice.h"
#include "wire.h"

#define M_SESSIONS_MAX 4096
#define M_RESTING_MAX 65536
#define M_BLOCKS_MAX 1024
#define M_FORWARDS 4
#define M_OUTS 4
#define M_DATAGRAMS 256
#define M_NO_DROP SL_COUNTER_COUNT

/** How a session's time runs out. */
enum m_time {
	M_T_UDP,
	M_T_EST,
	M_T_OPENING,
	M_T_CLOSING,
	M_T_ICMP,
	M_T_REST,
	M_T_COUNT
};

/** The properties that were proved of VigNAT (SIGCOMM 2017), for what this NAT supports. */
enum m_property {
	M_EXPIRY_FIRST, /**< no flow is older than its limit when a packet is looked at */
	M_FOREIGN_PROTOCOL, /**< no TCP, UDP or ICMP: not sent, table unchanged */
	M_INBOUND_FLOW, /**< to the flow's inside tuple, and refreshed as configured */
	M_INBOUND_STRANGER, /**< not sent, table unchanged, unless a filter or forward lets it in */
	M_OUTBOUND_FLOW, /**< with the flow's outer tuple */
	M_OUTBOUND_NEW, /**< refused with the table unchanged, or one flow whose tuple is unique */
	M_FIELDS_EQUAL, /**< every other field as it came, TTL one lower, checksums right */
	M_PROPERTIES
};

struct m_forward {
	bool on;
	uint8_t proto;
	uint32_t out;
	uint16_t out_port, in_port;
	struct m_addr in;
	uint32_t from;
	unsigned int from_len;
};

/** What the operator has said; the model's own form of it. */
struct m_conf {
	uint64_t timeout[M_T_COUNT]; /* milliseconds */
	unsigned int ports, sessions, mapping, rate; /* limits of a subscriber, 0: none */
	enum sl_filter tcp, udp;
	bool shared, refresh, parity, drain, six;
	unsigned int mss, refusal; /* refusal 255: silent */
	uint32_t pool, pool_n; /* first address and how many */
	bool box_pool; /* the pool is the box's own address */
	unsigned int port_min, port_max, block, blocks, block_idle;
	uint32_t fixed;
	unsigned int fixed_len;
	struct m_prefix prefix;
	unsigned int subscriber_len; /* of IPv6 hosts */
	unsigned int max_sessions, workers;
	struct m_forward forward[M_FORWARDS];
};

/** One end of a TCP connection as somebody between both can know it. */
struct m_tcp_end {
	bool heard, scaled, anew;
	uint32_t next; /* one past what it has sent */
	uint32_t edge; /* one past what the other end allows it */
	uint32_t window; /* the largest that it has offered */
	unsigned int shift;
};

struct m_map {
	bool live, fixed;
	struct m_addr in;
	uint8_t proto;
	uint16_t in_port, out_port;
	uint32_t out;
	enum sl_filter filter;
	unsigned int n;
	uint64_t order;
};

struct m_session {
	bool live, inbound, turned; /* turned: the remote end is behind us, too */
	struct m_map *map; /* NULL: a port of its own */
	struct m_addr in;
	uint8_t proto, query;
	uint16_t in_port, out_port, rem_port;
	uint32_t out, rem;
	uint64_t last, born, order;
	enum m_time time;
	enum sl_tcp_state state;
	struct m_tcp_end tcp[2];
};

/** A session that is over for the model, its port not free yet for certain. */
struct m_ghost {
	struct m_addr in;
	uint8_t proto;
	uint32_t out;
	uint16_t in_port, out_port;
	bool port; /* the port was its own */
};

struct m_rest {
	struct m_addr in;
	uint8_t proto;
	uint32_t out;
	uint16_t port;
	uint64_t until;
};

struct m_block {
	bool held;
	struct m_addr sub;
	uint32_t out;
	unsigned int start;
	uint64_t used; /* last time that a port of it was */
};

/** A datagram in pieces. */
struct m_datagram {
	uint32_t src, dst;
	unsigned int id, proto, sport, dport, new_id, sum_error;
	enum sl_side side;
	struct m_addr host;
	bool six, picked;
	uint64_t until;
};

struct m_out {
	uint8_t b[M_FRAME_MAX];
	unsigned int len;
	enum sl_side side;
	bool punt;
	bool any_id; /* the IPv4 id is the gateway's choice */
	struct m_datagram *piece; /* of this, whose id is the same in all pieces */
	int sum_at; /* where zero may be 0xffff */
	unsigned int quote; /* where a quoted IPv4 header is, whose id may have been another */
	bool own; /* made by the box */
};

struct m_pkt {
	enum sl_side side;
	bool hairpin, six, error, other, frag, later, more, df;
	uint8_t *frame;
	const uint8_t *ip, *l4, *q;
	unsigned int l3, len, hlen, total, l4_len, q_len;
	unsigned int proto, ttl, tos, off, id, flags, sum_error;
	struct m_addr host; /* the inside end, when known */
	uint32_t src, dst;
	uint16_t sport, dport;
	uint8_t query;
	bool no_sum;
	struct m_datagram *piece;
};

struct model {
	struct m_conf c;
	uint64_t now;
	struct m_map map[M_SESSIONS_MAX];
	struct m_session s[M_SESSIONS_MAX];
	unsigned int n_map, n_s, live; /* high marks, sessions alive */
	struct m_ghost ghost[M_SESSIONS_MAX];
	unsigned int n_ghost;
	struct m_rest rest[M_RESTING_MAX];
	unsigned int rest_head, rest_n;
	struct m_block block[M_BLOCKS_MAX];
	struct m_datagram datagram[M_DATAGRAMS];
	unsigned int n_datagram;
	uint64_t checked[M_PROPERTIES];

	/* one step */
	enum sl_counter real; /* the drop that the gateway counted */
	unsigned int real_made; /* sessions that it has made */
	bool (*full)(void *arg); /* was a worker's table full? */
	/** What the gateway has chosen for this session; false when it has none. */
	bool (*pick)(void *arg, const struct m_session *s, uint32_t *out, uint16_t *port);
	void *arg;
	enum sl_counter drop;
	unsigned int n_out, made, maps_made;
	struct m_out out[M_OUTS];
	struct m_session *flow; /* the first one that the packet belonged to */
	bool flow_old; /* it was there before */
	uint8_t frame[M_FRAME_MAX];
	struct m_pkt kind; /* what the frame was */
	uint64_t born; /* number of the step */
	uint64_t order; /* of the newest session or mapping */
	const char *wrong; /* what the gateway must not do, or NULL */
};

/** The gateway has broken a property, or not. */
void model_hold(struct model *m, enum m_property property, bool held, const char *what);

extern const char *const model_property[M_PROPERTIES];

/* model_table.c: sessions and mappings */
void model_expire(struct model *m);
uint64_t model_left(const struct model *m, const struct m_session *s);
void model_end(struct model *m, struct m_session *s);
struct m_session *model_find_in(struct model *m, const struct m_addr *in, unsigned int proto,
	uint16_t in_port, uint32_t rem, uint16_t rem_port, uint8_t query);
struct m_session *model_find_out(struct model *m, unsigned int proto, uint32_t out,
	uint16_t out_port, uint32_t rem, uint16_t rem_port, uint8_t query);
struct m_map *model_map_out(struct model *m, unsigned int proto, uint32_t out, uint16_t port);
const struct m_forward *model_forward_out(
	const struct model *m, unsigned int proto, uint32_t out, uint16_t port);
/** What the configuration does not allow any more ends. */
void model_recheck(struct model *m);
struct m_addr model_subscriber(const struct model *m, const struct m_addr *in);

/* model_open.c: may there be another session, and with which outer tuple? */
struct m_session *model_open(
	struct model *m, const struct m_pkt *p, struct m_map *map, const struct m_forward *fwd);

/* model_tcp.c */
void model_tcp_open(struct m_session *s, const struct m_pkt *p);
/** Step the states; true: the session lives anew from now. */
bool model_tcp_step(struct m_session *s, const struct m_pkt *p);

/* model_parse.c; M_NO_DROP, or why a frame is refused. Puts a punt out by itself. */
enum sl_counter model_parse(struct model *m, struct m_pkt *p, bool *punt);
bool model_parse_l4(struct model *m, struct m_pkt *p, enum sl_counter *why);

/* model_emit.c: what leaves */
void model_emit(struct model *m, const struct m_pkt *p, const struct m_session *s);
void model_emit_error(struct model *m, const struct m_pkt *p, const struct m_session *s);
void model_emit_plain(struct model *m, const struct m_pkt *p);
void model_emit_punt(struct model *m, const struct m_pkt *p);
/** An error of the box itself to the sender. */
void model_own_error(struct model *m, const struct m_pkt *p, unsigned int type, unsigned int code);
void model_ethernet(struct model *m, struct m_out *o, enum sl_side side, const struct m_addr *to);

/* model.c: the way of one frame */
bool model_ours(const struct model *m, uint32_t addr);
void model_run(struct model *m, enum sl_side side, const uint8_t *frame, unsigned int len);

#endif
