/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One destination of records: what format goes there, when a message is sent.
 *
 * Syslog is a datagram for each record. IPFIX packs records into messages, sent when full
 * or flushed, and has templates to announce: before the first record, every TEMPLATE_MS
 * (RFC 7011 section 8.4: over UDP they may get lost), and before each message as long as
 * there is trouble, since the collector that comes back knows none.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <stdlib.h>

#include "outlet.h"

#define TEMPLATE_MS 30000

struct outlet *
outlet_create(const struct sl_log_sink *to)
{
	struct outlet *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	sink_init(&o->sink, to);
	ipfix_init(&o->ipfix, to->domain);
	return o;
}

void
outlet_destroy(struct outlet *o, const struct outlet_time *t)
{
	if (o == NULL)
		return;
	outlet_flush(o, t);
	sink_fini(&o->sink);
	free(o);
}

static void
send_templates(struct outlet *o, const struct outlet_time *t)
{
	uint8_t buf[IPFIX_MESSAGE_MAX];
	size_t len = ipfix_templates(&o->ipfix, (uint32_t)(t->wall / 1000), buf, sizeof(buf));

	sink_send(&o->sink, buf, len, 0);
	o->templates = t->now;
}

void
outlet_flush(struct outlet *o, const struct outlet_time *t)
{
	size_t len;

	if (o->ipfix.n == 0)
		return;
	if (o->templates == 0 || o->sink.error != 0)
		send_templates(o, t);
	len = ipfix_finish(&o->ipfix, (uint32_t)(t->wall / 1000));
	sink_send(&o->sink, o->ipfix.buf, len, o->ipfix.n);
	ipfix_next(&o->ipfix);
}

void
outlet_put(struct outlet *o, const struct syslog_origin *origin, const struct record_view *view,
	const struct outlet_time *t)
{
	char buf[SYSLOG_MESSAGE_MAX + 1];
	size_t len;

	if ((o->sink.to.mask & (1u << view->record->type)) == 0)
		return;
	if (o->sink.to.kind != SL_LOG_IPFIX) {
		len = syslog_format(
			buf, sizeof(buf), origin, view, o->sink.to.kind == SL_LOG_SYSLOG_LOCAL);
		sink_send(&o->sink, buf, len, 1);
	} else if (ipfix_add(&o->ipfix, view) == -ENOSPC) {
		outlet_flush(o, t);
		ipfix_add(&o->ipfix, view);
	}
}

void
outlet_tick(struct outlet *o, const struct outlet_time *t)
{
	if (sink_tick(&o->sink))
		o->templates = 0;
	outlet_flush(o, t);
	if (o->sink.to.kind != SL_LOG_IPFIX || o->sink.fd < 0)
		return;
	if (o->templates == 0 || t->now - o->templates >= TEMPLATE_MS)
		send_templates(o, t);
}

bool
outlet_is_for(const struct outlet *o, const struct sl_log_sink *to)
{
	const struct sl_log_sink *is = &o->sink.to;

	return is->kind == to->kind && is->addr == to->addr && is->port == to->port &&
	       is->domain == to->domain;
}
