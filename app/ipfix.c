/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Records as IPFIX: messages of RFC 7011, events of RFC 8158. Only bytes; record.c sends.
 *
 * Each shape of event is a template, a table of information elements below; a record's
 * value is looked up by element, so that template and data cannot disagree. Records of one
 * template that follow each other share a set. Templates go in messages of their own, since
 * over UDP they are repeated anyway (RFC 7011 section 8.4).
 *
 * Sequence numbers count data records of a stream, those too that could not be sent
 * (RFC 7011 section 3.1): the gap tells the collector what it has missed.
 *
 * Choices. A tenant is told by VRF id: outer VLAN + 4096 * inner VLAN, stable where an index
 * is not; the outside is VRF 0. Query ids of ICMP stand in the port elements. There is no
 * destination NAT, so the destinations before and after are the same, or with NAT64 the latter behind
 * the former's prefix. An IPv6 subscriber is told as a prefix with its length. A rate that was
 * exceeded, or a mapping at its limit of sessions, has no quota event in RFC 8158 section 5.4 and
 * is left out; syslog tells it.
 */
#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "ipfix.h"

#define VERSION 10
#define HEADER_LEN 16
#define SET_HEADER_LEN 4
#define TEMPLATE_SET 2
#define FIELDS_MAX 15

/* natEvent, RFC 8158 table 2. */
enum nat_event {
	EVENT_NONE = 0,
	EVENT_ADDRESSES_EXHAUSTED = 3,
	EVENT_SESSION_ADD = 4,
	EVENT_SESSION_DEL = 5,
	EVENT_NAT64_SESSION_ADD = 6,
	EVENT_NAT64_SESSION_DEL = 7,
	EVENT_BIB_ADD = 8,
	EVENT_BIB_DEL = 9,
	EVENT_NAT64_BIB_ADD = 10,
	EVENT_NAT64_BIB_DEL = 11,
	EVENT_PORTS_EXHAUSTED = 12,
	EVENT_QUOTA = 13,
	EVENT_BLOCK_ADD = 16,
	EVENT_BLOCK_DEL = 17,
};

/* natQuotaExceededEvent, RFC 8158 table 3. */
enum quota_event {
	QUOTA_SESSIONS = 1,
	QUOTA_USER = 3,
	QUOTA_SUBSCRIBERS = 4,
};

/* Information elements by their IANA numbers. */
enum element {
	IE_PROTOCOL = 4,
	IE_SRC_PORT = 7,
	IE_SRC_ADDR = 8,
	IE_DST_PORT = 11,
	IE_DST_ADDR = 12,
	IE_SRC_ADDR6 = 27,
	IE_DST_ADDR6 = 28,
	IE_SRC_PLEN6 = 29,
	IE_SRC_PREFIX6 = 170,
	IE_POST_SRC_ADDR = 225,
	IE_POST_DST_ADDR = 226,
	IE_POST_SRC_PORT = 227,
	IE_POST_DST_PORT = 228,
	IE_NAT_EVENT = 230,
	IE_INGRESS_VRF = 234,
	IE_EGRESS_VRF = 235,
	IE_POOL = 283,
	IE_TIME_MS = 323,
	IE_RANGE_START = 361,
	IE_RANGE_END = 362,
	IE_RANGE_STEP = 363,
	IE_RANGE_PORTS = 364,
	IE_QUOTA_EVENT = 466,
	IE_MAX_SESSIONS = 471,
	IE_MAX_USER = 473,
	IE_MAX_SUBSCRIBERS = 474,
};

struct field {
	uint16_t id; /* enum element; 0 ends a template */
	uint16_t len;
};

enum shape {
	SESSION,
	BIB,
	BLOCK,
	ADDRESSES,
	PORTS,
	SESSIONS_FULL,
	SUBSCRIBERS_FULL,
	USER,
	SESSION6, /* from here on as SESSION to PORTS and USER, of IPv6 hosts and subscribers */
	BIB6,
	BLOCK6,
	ADDRESSES6,
	PORTS6,
	USER6,
	SHAPES
};

#define TEMPLATE_ID(shape) ((uint16_t)(256 + (shape)))

#define SUBSCRIBER6                                                                                \
	{ IE_SRC_PREFIX6, 16 },                                                                    \
	{                                                                                          \
		IE_SRC_PLEN6, 1                                                                    \
	}

#define WHEN_AND_WHAT                                                                              \
	{ IE_TIME_MS, 8 },                                                                         \
	{                                                                                          \
		IE_NAT_EVENT, 1                                                                    \
	}

static const struct field fields[SHAPES][FIELDS_MAX] = {
	[SESSION] = { WHEN_AND_WHAT, { IE_SRC_ADDR, 4 }, { IE_POST_SRC_ADDR, 4 },
		{ IE_PROTOCOL, 1 }, { IE_SRC_PORT, 2 }, { IE_POST_SRC_PORT, 2 }, { IE_DST_ADDR, 4 },
		{ IE_POST_DST_ADDR, 4 }, { IE_DST_PORT, 2 }, { IE_POST_DST_PORT, 2 },
		{ IE_INGRESS_VRF, 4 }, { IE_EGRESS_VRF, 4 } },
	[BIB] = { WHEN_AND_WHAT, { IE_SRC_ADDR, 4 }, { IE_POST_SRC_ADDR, 4 }, { IE_PROTOCOL, 1 },
		{ IE_SRC_PORT, 2 }, { IE_POST_SRC_PORT, 2 }, { IE_INGRESS_VRF, 4 },
		{ IE_EGRESS_VRF, 4 } },
	[BLOCK] = { WHEN_AND_WHAT, { IE_SRC_ADDR, 4 }, { IE_POST_SRC_ADDR, 4 },
		{ IE_RANGE_START, 2 }, { IE_RANGE_END, 2 }, { IE_RANGE_STEP, 2 },
		{ IE_RANGE_PORTS, 2 }, { IE_INGRESS_VRF, 4 } },
	[ADDRESSES] = { WHEN_AND_WHAT, { IE_POOL, 4 }, { IE_SRC_ADDR, 4 }, { IE_INGRESS_VRF, 4 } },
	[PORTS] = { WHEN_AND_WHAT, { IE_POST_SRC_ADDR, 4 }, { IE_PROTOCOL, 1 }, { IE_POOL, 4 },
		{ IE_SRC_ADDR, 4 }, { IE_INGRESS_VRF, 4 } },
	[SESSIONS_FULL] = { WHEN_AND_WHAT, { IE_QUOTA_EVENT, 4 }, { IE_MAX_SESSIONS, 4 } },
	[SUBSCRIBERS_FULL] = { WHEN_AND_WHAT, { IE_QUOTA_EVENT, 4 }, { IE_MAX_SUBSCRIBERS, 4 } },
	[USER] = { WHEN_AND_WHAT, { IE_QUOTA_EVENT, 4 }, { IE_MAX_USER, 4 }, { IE_SRC_ADDR, 4 },
		{ IE_INGRESS_VRF, 4 } },
	[SESSION6] = { WHEN_AND_WHAT, { IE_SRC_ADDR6, 16 }, { IE_POST_SRC_ADDR, 4 },
		{ IE_PROTOCOL, 1 }, { IE_SRC_PORT, 2 }, { IE_POST_SRC_PORT, 2 },
		{ IE_DST_ADDR6, 16 }, { IE_POST_DST_ADDR, 4 }, { IE_DST_PORT, 2 },
		{ IE_POST_DST_PORT, 2 }, { IE_INGRESS_VRF, 4 }, { IE_EGRESS_VRF, 4 } },
	[BIB6] = { WHEN_AND_WHAT, { IE_SRC_ADDR6, 16 }, { IE_POST_SRC_ADDR, 4 }, { IE_PROTOCOL, 1 },
		{ IE_SRC_PORT, 2 }, { IE_POST_SRC_PORT, 2 }, { IE_INGRESS_VRF, 4 },
		{ IE_EGRESS_VRF, 4 } },
	[BLOCK6] = { WHEN_AND_WHAT, SUBSCRIBER6, { IE_POST_SRC_ADDR, 4 }, { IE_RANGE_START, 2 },
		{ IE_RANGE_END, 2 }, { IE_RANGE_STEP, 2 }, { IE_RANGE_PORTS, 2 },
		{ IE_INGRESS_VRF, 4 } },
	[ADDRESSES6] = { WHEN_AND_WHAT, { IE_POOL, 4 }, SUBSCRIBER6, { IE_INGRESS_VRF, 4 } },
	[PORTS6] = { WHEN_AND_WHAT, { IE_POST_SRC_ADDR, 4 }, { IE_PROTOCOL, 1 }, { IE_POOL, 4 },
		SUBSCRIBER6, { IE_INGRESS_VRF, 4 } },
	[USER6] = { WHEN_AND_WHAT, { IE_QUOTA_EVENT, 4 }, { IE_MAX_USER, 4 }, SUBSCRIBER6,
		{ IE_INGRESS_VRF, 4 } },
};

/* What a record is in RFC 8158, were it of IPv4. */
static enum nat_event
event4_of(const struct sl_record *r, enum shape *shape)
{
	switch ((enum sl_record_type)r->type) {
	case SL_RECORD_SESSION_ADD:
	case SL_RECORD_SESSION_DEL:
		*shape = SESSION;
		return r->type == SL_RECORD_SESSION_ADD ? EVENT_SESSION_ADD : EVENT_SESSION_DEL;
	case SL_RECORD_MAPPING_ADD:
	case SL_RECORD_MAPPING_DEL:
		*shape = BIB;
		return r->type == SL_RECORD_MAPPING_ADD ? EVENT_BIB_ADD : EVENT_BIB_DEL;
	case SL_RECORD_BLOCK_ADD:
	case SL_RECORD_BLOCK_DEL:
		*shape = BLOCK;
		return r->type == SL_RECORD_BLOCK_ADD ? EVENT_BLOCK_ADD : EVENT_BLOCK_DEL;
	case SL_RECORD_PORTS_EXHAUSTED:
		*shape = r->limit == SL_COUNTER_DROP_NO_POOL ? ADDRESSES : PORTS;
		return *shape == ADDRESSES ? EVENT_ADDRESSES_EXHAUSTED : EVENT_PORTS_EXHAUSTED;
	case SL_RECORD_SESSIONS_FULL:
		*shape = r->limit == SL_COUNTER_DROP_SUBSCRIBERS_FULL ? SUBSCRIBERS_FULL
								      : SESSIONS_FULL;
		return EVENT_QUOTA;
	case SL_RECORD_LIMIT:
		*shape = USER;
		return r->limit == SL_COUNTER_DROP_LIMIT_RATE ||
				       r->limit == SL_COUNTER_DROP_LIMIT_MAPPING
			       ? EVENT_NONE
			       : EVENT_QUOTA;
	case SL_RECORD_TYPE_COUNT:
		break;
	}
	return EVENT_NONE;
}

static enum nat_event
event_of(const struct sl_record *r, enum shape *shape)
{
	enum nat_event event = event4_of(r, shape);

	if (!r->six || *shape == SESSIONS_FULL || *shape == SUBSCRIBERS_FULL)
		return event;
	*shape = *shape == USER ? USER6 : (enum shape)(SESSION6 + *shape);
	switch (event) {
	case EVENT_SESSION_ADD:
		return EVENT_NAT64_SESSION_ADD;
	case EVENT_SESSION_DEL:
		return EVENT_NAT64_SESSION_DEL;
	case EVENT_BIB_ADD:
		return EVENT_NAT64_BIB_ADD;
	case EVENT_BIB_DEL:
		return EVENT_NAT64_BIB_DEL;
	default:
		return event;
	}
}

static enum quota_event
quota_of(enum shape shape)
{
	return shape == SESSIONS_FULL      ? QUOTA_SESSIONS
	       : shape == SUBSCRIBERS_FULL ? QUOTA_SUBSCRIBERS
					   : QUOTA_USER;
}

/* The value of an element in host order. */
static uint64_t
value_of(const struct record_view *v, enum element id, enum shape shape)
{
	const struct sl_record *r = v->record;
	enum shape unused;

	switch (id) {
	case IE_TIME_MS:
		return v->wall;
	case IE_NAT_EVENT:
		return event_of(r, &unused);
	case IE_PROTOCOL:
		return r->proto;
	case IE_SRC_ADDR:
		return rte_be_to_cpu_32(r->in_addr);
	case IE_SRC_PORT:
		return rte_be_to_cpu_16(r->in_port);
	case IE_POST_SRC_ADDR:
		return rte_be_to_cpu_32(r->out_addr);
	case IE_POST_SRC_PORT:
	case IE_RANGE_START:
		return rte_be_to_cpu_16(r->out_port);
	case IE_DST_ADDR:
	case IE_POST_DST_ADDR:
		return rte_be_to_cpu_32(r->rem_addr);
	case IE_DST_PORT:
	case IE_POST_DST_PORT:
		return rte_be_to_cpu_16(r->rem_port);
	case IE_RANGE_END:
		return rte_be_to_cpu_16(r->out_port) + r->block_size - 1u;
	case IE_RANGE_STEP:
		return 1;
	case IE_RANGE_PORTS:
		return r->block_size;
	case IE_INGRESS_VRF:
		return v->vlan + 4096u * v->vlan_inner;
	case IE_EGRESS_VRF:
		return 0;
	case IE_POOL:
		return v->pool;
	case IE_QUOTA_EVENT:
		return quota_of(shape);
	case IE_MAX_SESSIONS:
	case IE_MAX_USER:
	case IE_MAX_SUBSCRIBERS:
		return v->limit;
	case IE_SRC_PLEN6:
		return r->plen6;
	case IE_SRC_ADDR6:
	case IE_SRC_PREFIX6:
	case IE_DST_ADDR6:
		break; /* put_address() */
	}
	return 0;
}

/* Write the len low bytes of a value, most significant first. */
static uint8_t *
put(uint8_t *to, uint64_t value, unsigned int len)
{
	for (unsigned int i = len; i-- > 0; value >>= 8)
		to[i] = (uint8_t)value;
	return to + len;
}

static uint8_t *
put_address(uint8_t *to, const struct record_view *v, uint16_t id)
{
	const struct sl_ip6 *addr = id == IE_DST_ADDR6 ? &v->rem6 : &v->record->in6;

	memcpy(to, addr, sizeof(*addr));
	return to + sizeof(*addr);
}

static void
put_header(const struct ipfix *x, uint8_t *buf, size_t len, uint32_t seconds)
{
	buf = put(buf, VERSION, 2);
	buf = put(buf, len, 2);
	buf = put(buf, seconds, 4);
	buf = put(buf, x->sequence, 4);
	put(buf, x->domain, 4);
}

static size_t
record_len(enum shape shape)
{
	size_t len = 0;

	for (const struct field *f = fields[shape]; f->id != 0; f++)
		len += f->len;
	return len;
}

static unsigned int
count_fields(enum shape shape)
{
	unsigned int n = 0;

	while (fields[shape][n].id != 0)
		n++;
	return n;
}

void
ipfix_init(struct ipfix *x, uint32_t domain)
{
	*x = (struct ipfix){ .domain = domain, .len = HEADER_LEN };
}

/* The length of a set is known when the next one begins. */
static void
close_set(struct ipfix *x)
{
	if (x->set != 0)
		put(&x->buf[x->set + 2], x->len - x->set, 2);
	x->set = 0;
}

int
ipfix_add(struct ipfix *x, const struct record_view *view)
{
	enum shape shape = SESSION;
	enum nat_event event = event_of(view->record, &shape);
	bool same = x->set != 0 && x->set_id == TEMPLATE_ID(shape);
	uint8_t *to;

	if (event == EVENT_NONE)
		return 0;
	if (x->len + (same ? 0 : SET_HEADER_LEN) + record_len(shape) > sizeof(x->buf))
		return -ENOSPC;
	if (!same) {
		close_set(x);
		x->set = x->len;
		x->set_id = TEMPLATE_ID(shape);
		put(&x->buf[x->set], x->set_id, 2);
		x->len += SET_HEADER_LEN;
	}
	to = &x->buf[x->len];
	for (const struct field *f = fields[shape]; f->id != 0; f++)
		to = f->len == sizeof(struct sl_ip6)
			     ? put_address(to, view, f->id)
			     : put(to, value_of(view, f->id, shape), f->len);
	x->len = (size_t)(to - x->buf);
	x->n++;
	return 1;
}

size_t
ipfix_finish(struct ipfix *x, uint32_t seconds)
{
	close_set(x);
	put_header(x, x->buf, x->len, seconds);
	return x->len;
}

void
ipfix_next(struct ipfix *x)
{
	x->sequence += x->n;
	x->n = 0;
	x->len = HEADER_LEN;
	x->set = 0;
}

size_t
ipfix_templates(const struct ipfix *x, uint32_t seconds, uint8_t *buf, size_t size)
{
	size_t len = HEADER_LEN + SET_HEADER_LEN;
	uint8_t *to = buf + len;

	for (enum shape s = 0; s < SHAPES; s++)
		len += 4 + 4 * count_fields(s);
	if (len > size)
		return 0;
	for (enum shape s = 0; s < SHAPES; s++) {
		to = put(to, TEMPLATE_ID(s), 2);
		to = put(to, count_fields(s), 2);
		for (const struct field *f = fields[s]; f->id != 0; f++) {
			to = put(to, f->id, 2);
			to = put(to, f->len, 2);
		}
	}
	put_header(x, buf, len, seconds);
	put(buf + HEADER_LEN, TEMPLATE_SET, 2);
	put(buf + HEADER_LEN + 2, len - HEADER_LEN, 2);
	return len;
}
