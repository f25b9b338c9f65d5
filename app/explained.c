/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The answer to "explain" in words: what a worker has found out (lib/explain.c) becomes steps in
 * the order of the packet's way, each with its name in front, and a verdict that names a counter.
 * As JSON the steps are an array, and the verdict stands by itself for programs.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>

#include "explained.h"
#include "frametext.h"
#include "helper.h"
#include "slots.h"

void
explained_begin(struct explained *e, struct call *call)
{
	*e = (struct explained){ .call = call, .json = { .out = call->out } };
	if (!call->json)
		return;
	json_object(&e->json, NULL);
	json_array(&e->json, "steps");
}

void
explained_step(struct explained *e, const char *name, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (!e->call->json) {
		fprintf(e->call->out, "%-11s %s\n", name, text);
		return;
	}
	json_object(&e->json, NULL);
	json_text(&e->json, "step", name);
	json_text(&e->json, "text", text);
	json_object_end(&e->json);
}

static const char *
tenant_name(const struct explained *e, unsigned int i)
{
	return slots_no_tenant(e->call->config, i) ? "?" : e->call->config->tenant[i].name;
}

static const char *
inside(bool six, const struct sl_ip6 *in6, rte_be32_t addr, rte_be16_t port)
{
	return six ? text_endpoint6(in6, port) : text_endpoint(addr, port);
}

static void
tell_owner(struct explained *e, const struct sl_explain *x)
{
	const struct box *box = e->call->box;

	if (x->end == SL_EXPLAIN_HANDOFF)
		explained_step(e, "owner",
			"worker %u (lcore %u); another one that receives it hands it over "
			"(handoff_out)",
			x->to, box->lcore[x->to]);
	else if (box->n_workers == 1)
		explained_step(e, "owner", "worker %u (lcore %u), the only one", x->worker,
			box->lcore[x->worker]);
	else
		explained_step(e, "worker", "%u (lcore %u) deals with it", x->worker,
			box->lcore[x->worker]);
}

static void
tell_session(struct explained *e, const struct sl_explain *x)
{
	const struct sl_session *s = &x->session;
	char proto[8];

	if (!x->hit && !x->opens) {
		if (x->verdict != SL_COUNTER_ROUTED6)
			explained_step(e, "session", "none");
		return;
	}
	if (x->hit)
		explained_step(e, "session",
			"%s %s > %s nat %s, %s%s%u s old, ends in %u s without packets",
			proto_name(s->proto, proto, sizeof(proto)),
			inside(s->six, &s->in6, s->in_addr, s->in_port),
			text_endpoint(s->rem_addr, s->rem_port),
			text_endpoint(s->out_addr, s->out_port),
			s->tcp_state != SL_TCP_NONE ? sl_tcp_state_name(s->tcp_state) : "",
			s->tcp_state != SL_TCP_NONE ? ", " : "", s->age / 1000, s->left / 1000);
	else
		explained_step(e, "session", "none yet: it opens one%s",
			s->opened_inbound ? " from outside" : "");
}

static const char *
filter_text(const struct sl_explain *x)
{
	switch (x->filter) {
	case SL_FILTER_AD:
		return "lets in only addresses that were sent to";
	case SL_FILTER_APD:
		return "lets in only endpoints that were sent to";
	default:
		return "lets everybody in";
	}
}

static void
tell_new_mapping(struct explained *e, const struct sl_explain *x)
{
	static const char *const modes[] = { "port by port", "in blocks", "by plan" };
	const struct sl_config *c = e->call->config;
	const char *pool = slots_no_pool(c, x->pool) ? "outside" : c->pool[x->pool].name;

	if (x->mapping_forward) {
		explained_step(e, "mapping", "new, by a port forward: %s is %s",
			text_endpoint(x->at.out_addr, x->at.out_port),
			inside(x->at.six, &x->at.in6, x->at.in_addr, x->at.in_port));
		return;
	}
	explained_step(e, "mapping", "new, on %s of pool %s, which gives out ports %s%s",
		text_addr(x->out_addr), pool, modes[RTE_MIN(x->mode, 2)],
		x->block_new ? "; takes a new block" : "");
	if (x->session.proto != IPPROTO_TCP && x->session.proto != IPPROTO_UDP &&
		x->session.proto != IPPROTO_ICMP)
		explained_step(e, "port", "none: by addresses alone");
	else if (x->shares_port)
		explained_step(e, "port", "%u, by remote endpoint: others may have it as well",
			ntohs(x->session.out_port));
	else
		explained_step(e, "port",
			"one at random, %u say; of %u that this worker has there %u are in use or "
			"rest",
			ntohs(x->at.out_port), x->ports, x->ports_used);
}

static void
tell_mapping(struct explained *e, const struct sl_explain *x)
{
	if (x->forward && !x->mapping)
		explained_step(e, "forward", "a port forward serves this endpoint");
	if (x->mapping && x->mapping_new) {
		tell_new_mapping(e, x);
	} else if (x->mapping) {
		explained_step(e, "mapping", "%s is %s%s, %u sessions",
			inside(x->at.six, &x->at.in6, x->at.in_addr, x->at.in_port),
			text_endpoint(x->at.out_addr, x->at.out_port),
			x->mapping_forward ? " by a port forward" : "", x->at.sessions);
		if (!x->mapping_forward && !x->hit)
			explained_step(e, "filter", "the mapping %s", filter_text(x));
	} else if (x->side == SL_OUTSIDE && !x->hit && !x->way && !x->forward) {
		explained_step(e, "mapping", "none has this outside endpoint");
	}
}

static const char *
limit_text(uint32_t limit, char *text, size_t size)
{
	if (limit == 0)
		snprintf(text, size, "no limit");
	else
		snprintf(text, size, "limit %u", limit);
	return text;
}

static void
tell_subscriber(struct explained *e, const struct sl_explain *x)
{
	const struct sl_subscriber *s = &x->sub;
	char sessions[24], ports[24], rate[48] = "";

	if (!x->subscriber)
		return;
	limit_text(x->limits.sessions, sessions, sizeof(sessions));
	limit_text(x->limits.ports, ports, sizeof(ports));
	if (x->limits.rate != 0)
		snprintf(rate, sizeof(rate), ", %u new sessions a second at most", x->limits.rate);
	explained_step(e, "subscriber",
		"%s%s: %u sessions (%s), ports tcp %u udp %u icmp %u (%s each)%s",
		!s->six              ? text_addr(s->in_addr)
		: s->in6.plen == 128 ? text_addr6(&s->in6.addr)
				     : text_net6(&s->in6),
		x->subscriber_new ? ", new" : "", s->sessions, sessions, s->ports[0], s->ports[1],
		s->ports[2], ports, rate);
}

static void
tell_helper(struct explained *e, const struct sl_explain *x)
{
	if (!x->hit && !x->opens)
		return;
	if (x->helper == 0)
		explained_step(e, "helper", "none reads this session");
	else
		explained_step(e, "helper", "%s reads it: the packet goes to control and back",
			sl_helpers[x->helper - 1]->name);
}

static void
tell_way(struct explained *e, const struct sl_explain *x)
{
	const char *side = x->way_side == SL_INSIDE ? "inside" : "outside";
	const char *hop;

	if (!x->way)
		return;
	hop = x->way_six ? text_addr6(&x->hop6) : text_addr(x->hop);
	if (x->resolved)
		explained_step(e, "next hop", "%s %s, %s", side, hop, text_mac(&x->mac));
	else
		explained_step(e, "next hop",
			"%s %s, whose MAC nobody knows: it is asked for, and the packet waits",
			side, hop);
	explained_step(e, "size", "%u bytes of IPv4, the %s link takes %u%s", x->ip_len, side,
		x->mtu, x->cut ? ": leaves in fragments" : "");
}

static void
tell_frame(struct explained *e, const struct sl_explain *x)
{
	char text[FRAMETEXT_MAX];

	if (x->len == 0 || sl_counter_is_drop((enum sl_counter)x->verdict))
		return;
	if (x->verdict != SL_COUNTER_TX_INSIDE && x->verdict != SL_COUNTER_TX_OUTSIDE &&
		x->verdict != SL_COUNTER_HAIRPINNED)
		return;
	frametext(x->frame, x->len, x->len, text, sizeof(text));
	explained_step(
		e, x->verdict == SL_COUNTER_HAIRPINNED ? "turns round" : "leaves as", "%s", text);
}

static void
tell_moved(struct explained *e, const struct sl_explain *x)
{
	char text[384] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < x->n_moved && n < sizeof(text); i++) {
		const char *name = sl_counter_name((enum sl_counter)x->moved[i]);

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n > 0 ? ", " : "", name);
	}
	if (n > 0)
		explained_step(e, "counts", "%s", text);
	if (x->error)
		explained_step(e, "answer", "its sender gets ICMP%s type %u code %u",
			x->error_six ? "v6" : "", x->error_type, x->error_code);
}

void
explained_tell(struct explained *e, const struct sl_explain *x)
{
	tell_owner(e, x);
	if (x->end == SL_EXPLAIN_HANDOFF)
		return;
	if (x->side == SL_INSIDE || x->hit || x->opens)
		explained_step(e, "tenant", "%s", tenant_name(e, x->tenant));
	tell_session(e, x);
	tell_subscriber(e, x);
	tell_mapping(e, x);
	tell_helper(e, x);
	tell_way(e, x);
	tell_frame(e, x);
	tell_moved(e, x);
}

static const char *
outcome(const struct sl_explain *x)
{
	enum sl_counter c = (enum sl_counter)x->verdict;

	if (x->end == SL_EXPLAIN_UNSAID)
		return "cannot be told";
	if (sl_counter_is_drop(c))
		return "dropped";
	if (c == SL_COUNTER_HELD)
		return "waits";
	return c == SL_COUNTER_TX_INSIDE || c == SL_COUNTER_TX_OUTSIDE ? "passes" : "to control";
}

void
explained_end(struct explained *e, const struct sl_explain *x)
{
	enum sl_counter c = x != NULL ? (enum sl_counter)x->verdict : SL_COUNTER_COUNT;

	if (!e->call->json) {
		if (x != NULL)
			fprintf(e->call->out, "%-11s %s: %s (%s)\n", "verdict", outcome(x),
				sl_counter_name(c), sl_counter_text(c));
		return;
	}
	json_array_end(&e->json);
	if (x != NULL) {
		json_text(&e->json, "verdict", sl_counter_name(c));
		json_text(&e->json, "text", sl_counter_text(c));
		json_text(&e->json, "outcome", outcome(x));
		json_flag(&e->json, "dropped", sl_counter_is_drop(c));
		json_number(&e->json, "worker", x->worker);
	}
	json_object_end(&e->json);
}
