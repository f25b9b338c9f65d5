/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Records as syslog messages, RFC 5424. Only text; record.c sends it.
 *
 *   <134>1 2026-11-22T17:00:00.123Z cgn1 sluice 812 SADD [nsess TENANT="default" ...] text
 *
 * Message and parameter names are those of draft-ietf-behave-syslog-nat-logging as other
 * NATs use them, so that their collectors read ours: SADD, SDEL with [nsess], APMADD, APMDEL
 * with [napmap]; I is inside, X outside, S source, D destination. Blocks of ports (PBADD,
 * PBDEL, [npblock]) and what ran out (ADDREX, PORTEX, SESSEX, SUBSEX, QUOTEX, [nrefusal])
 * have names in their manner. None of them is registered with IANA.
 *
 * Facility local0, severity informational, for what ran out warning. The structured data
 * says it all; a sentence behind it is for the local log, whose usual format shows nothing
 * else. Names of tenants hold nothing that would have to be escaped (types.c). For queries
 * of ICMP the ports are the query id. IATYP is IPv6 for hosts of NAT64; where a record is about
 * a subscriber, ISADDR may be a prefix.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "syslog.h"

#define PRI_INFO (16 * 8 + 6) /* local0.informational */
#define PRI_WARNING (16 * 8 + 4)
#define HOST_MAX 64 /* of a name of 255; keeps the message within its limit */

struct text {
	char *buf;
	size_t size, len;
};

static __rte_format_printf(2, 3) void add(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->buf + t->len, t->size - t->len, format, ap);
	va_end(ap);
	if (n > 0)
		t->len += RTE_MIN((size_t)n, t->size - t->len - 1);
}

static void
add_addr(struct text *t, const char *name, rte_be32_t addr)
{
	char buf[INET_ADDRSTRLEN];

	add(t, " %s=\"%s\"", name, inet_ntop(AF_INET, &addr, buf, sizeof(buf)));
}

/* The inside of a record: an address, or the prefix of an IPv6 subscriber. */
static void
add_inside(struct text *t, const struct sl_record *r)
{
	char buf[INET6_ADDRSTRLEN];

	if (!r->six) {
		add_addr(t, "ISADDR", r->in_addr);
		return;
	}
	add(t, " ISADDR=\"%s", inet_ntop(AF_INET6, &r->in6, buf, sizeof(buf)));
	if (r->plen6 < 128)
		add(t, "/%u", r->plen6);
	add(t, "\"");
}

static void
add_endpoint(struct text *t, const char *word, rte_be32_t addr, rte_be16_t port)
{
	char buf[INET_ADDRSTRLEN];

	add(t, "%s%s:%u", word, inet_ntop(AF_INET, &addr, buf, sizeof(buf)), ntohs(port));
}

void
syslog_origin_init(struct syslog_origin *origin)
{
	origin->pid = getpid();
	if (gethostname(origin->host, sizeof(origin->host)) < 0)
		origin->host[0] = '\0';
	origin->host[HOST_MAX] = '\0';
	for (const char *p = origin->host; *p != '\0'; p++)
		if (*p < 33 || *p > 126)
			origin->host[0] = '\0';
	if (origin->host[0] == '\0')
		snprintf(origin->host, sizeof(origin->host), "-");
}

static const char *
refusal_id(const struct sl_record *r)
{
	if (r->type == SL_RECORD_PORTS_EXHAUSTED)
		return r->limit == SL_COUNTER_DROP_NO_POOL ? "ADDREX" : "PORTEX";
	if (r->type == SL_RECORD_SESSIONS_FULL)
		return r->limit == SL_COUNTER_DROP_SUBSCRIBERS_FULL ? "SUBSEX" : "SESSEX";
	return "QUOTEX";
}

static const char *
message_id(const struct sl_record *r)
{
	static const char *const id[] = {
		[SL_RECORD_SESSION_ADD] = "SADD",
		[SL_RECORD_SESSION_DEL] = "SDEL",
		[SL_RECORD_MAPPING_ADD] = "APMADD",
		[SL_RECORD_MAPPING_DEL] = "APMDEL",
		[SL_RECORD_BLOCK_ADD] = "PBADD",
		[SL_RECORD_BLOCK_DEL] = "PBDEL",
	};

	return r->type < RTE_DIM(id) ? id[r->type] : refusal_id(r);
}

static void
add_header(struct text *t, const struct syslog_origin *origin, const struct record_view *v)
{
	time_t seconds = (time_t)(v->wall / 1000);
	struct tm tm;
	int pri = v->record->type >= SL_RECORD_PORTS_EXHAUSTED ? PRI_WARNING : PRI_INFO;

	gmtime_r(&seconds, &tm);
	add(t, "<%d>1 %04d-%02d-%02dT%02d:%02d:%02d.%03uZ %s sluice %d %s ", pri, tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		(unsigned int)(v->wall % 1000), origin->host, origin->pid, message_id(v->record));
}

/* The tuples before and after translation. */
static void
add_tuples(struct text *t, const struct sl_record *r, bool session)
{
	add(t, " IATYP=\"IPv%c\"", r->six ? '6' : '4');
	add_inside(t, r);
	add(t, " ISPORT=\"%u\" XATYP=\"IPv4\"", ntohs(r->in_port));
	add_addr(t, "XSADDR", r->out_addr);
	add(t, " XSPORT=\"%u\" PROTO=\"%u\"", ntohs(r->out_port), r->proto);
	if (!session)
		return;
	add_addr(t, "XDADDR", r->rem_addr);
	add(t, " XDPORT=\"%u\"", ntohs(r->rem_port));
}

static void
add_data(struct text *t, const struct record_view *v)
{
	const struct sl_record *r = v->record;
	bool session = r->type <= SL_RECORD_SESSION_DEL;
	bool mapping = !session && r->type <= SL_RECORD_MAPPING_DEL;
	bool block = !session && !mapping && r->type <= SL_RECORD_BLOCK_DEL;

	add(t, "[%s TENANT=\"%s\" SVLAN=\"%u\"",
		session   ? "nsess"
		: mapping ? "napmap"
		: block   ? "npblock"
			  : "nrefusal",
		v->tenant, v->vlan);
	if (session || mapping) {
		add_tuples(t, r, session);
	} else if (block) {
		add_inside(t, r);
		add_addr(t, "XSADDR", r->out_addr);
		add(t, " XSPORTMIN=\"%u\" XSPORTMAX=\"%u\"", ntohs(r->out_port),
			ntohs(r->out_port) + r->block_size - 1);
	} else {
		add_inside(t, r);
		if (r->out_addr != 0)
			add_addr(t, "XSADDR", r->out_addr);
		add(t, " PROTO=\"%u\" REASON=\"%s\"", r->proto,
			r->limit < SL_COUNTER_COUNT ? sl_counter_name(r->limit) : "-");
		if (v->limit != 0)
			add(t, " LIMIT=\"%u\"", v->limit);
	}
	add(t, "]");
}

static void
add_sentence(struct text *t, const struct sl_record *r)
{
	char buf[INET6_ADDRSTRLEN];

	if (r->type >= SL_RECORD_PORTS_EXHAUSTED) {
		if (r->limit < SL_COUNTER_COUNT)
			add(t, " %s", sl_counter_text(r->limit));
		return;
	}
	if (r->six && r->plen6 < 128)
		add(t, " %s/%u", inet_ntop(AF_INET6, &r->in6, buf, sizeof(buf)), r->plen6);
	else if (r->six)
		add(t, " [%s]:%u", inet_ntop(AF_INET6, &r->in6, buf, sizeof(buf)),
			ntohs(r->in_port));
	else
		add_endpoint(t, " ", r->in_addr, r->in_port);
	add_endpoint(t, " nat ", r->out_addr, r->out_port);
	if (r->type <= SL_RECORD_SESSION_DEL)
		add_endpoint(t, " to ", r->rem_addr, r->rem_port);
	if (r->block_size != 0)
		add(t, " and the %u ports from it", r->block_size);
}

size_t
syslog_format(char *buf, size_t size, const struct syslog_origin *origin,
	const struct record_view *view, bool text)
{
	struct text t = { buf, RTE_MIN(size, (size_t)SYSLOG_MESSAGE_MAX + 1), 0 };

	add_header(&t, origin, view);
	add_data(&t, view);
	if (text)
		add_sentence(&t, view->record);
	return t.len;
}
