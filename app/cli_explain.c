/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What would become of a packet: its words become a frame (framewords.c), the frame goes to the
 * worker that would receive it as a question, from there to its owner, and if it turns round
 * (hairpin) once more. Nothing is changed by asking.
 *
 * Which queue a packet would come by nobody knows beforehand; the first worker is asked, and says
 * whose it is.
 *
 * A packet may be one word in quotes, as a shell wants it for the '>', or several.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explained.h"
#include "frametext.h"
#include "framewords.h"

#define TURNS 6 /* workers asked for one packet */
#define TTL 64

/* What may follow the packet, and the arguments' places among them. */
#define OPTIONS                                                                                    \
	"[flags FLAGS] [type TYPE] [code TYPE] [ttl TTL] [length BYTES] [df] [tenant TENANT] "     \
	"[from inside|outside] [json]"

enum {
	FLAGS,
	ICMP_TYPE,
	ICMP_CODE,
	HOPS,
	LENGTH,
	DF,
	TENANT,
	FROM,
};

/* Where a packet comes in: where it is said, else where its source is by the routes. */
static enum sl_side
find_side(const struct call *call, const struct arg *src, const struct arg *opt, bool *said)
{
	*said = opt[FROM].set;
	if (opt[FROM].set)
		return opt[FROM].u == 0 ? SL_INSIDE : SL_OUTSIDE;
	if (src->six || opt[TENANT].set)
		return SL_INSIDE;
	return sl_subscriber_possible(call->box->nat, 0, src->net.addr) ? SL_INSIDE : SL_OUTSIDE;
}

static int
build(struct call *call, const struct arg *arg, const struct arg *opt, enum sl_side side,
	struct sl_explain *x)
{
	const struct sl_tenant *tenant = &call->config->tenant[opt[TENANT].u];
	struct framewords f = {
		.proto = (uint8_t)arg[0].u,
		.src = &arg[1],
		.dst = &arg[2],
		.has_type = opt[ICMP_TYPE].set,
		.type = (uint8_t)opt[ICMP_TYPE].u,
		.code = (uint8_t)opt[ICMP_CODE].u,
		.tcp_flags = (uint8_t)opt[FLAGS].u,
		.ttl = opt[HOPS].set ? (uint8_t)opt[HOPS].u : TTL,
		.len = opt[LENGTH].u,
		.df = opt[DF].set,
		.to = call->box->port[side].mac,
	};
	char why[160];
	int n;

	if (opt[TENANT].set && side == SL_OUTSIDE)
		return call_fail(call, -EINVAL, "'%s': what comes from outside is no tenant's yet",
			opt[TENANT].word);
	if (side == SL_INSIDE) {
		f.vlan[0] = tenant->vlan;
		f.vlan[1] = tenant->vlan_inner;
	}
	n = framewords_build(&f, x->frame, sizeof(x->frame), why, sizeof(why));
	if (n < 0)
		return call_fail(call, n, "%s", why);
	x->side = side;
	x->len = (uint32_t)n;
	return 0;
}

static int
ask(struct call *call, struct explained *e, struct sl_explain *x)
{
	struct sl_msg msg = { .op = SL_MSG_EXPLAIN, .max = 1, .buf = x };
	unsigned int worker = 0;

	for (int i = 0; i < TURNS; i++) {
		int rc = box_ask(call->box, worker, &msg);

		if (rc < 0)
			return rc;
		explained_tell(e, x);
		if (x->end != SL_EXPLAIN_HANDOFF && x->end != SL_EXPLAIN_TURN)
			return 0;
		worker = x->to;
		if (x->end == SL_EXPLAIN_TURN) {
			x->turned = true;
			x->side = SL_OUTSIDE;
		}
	}
	return -ELOOP;
}

static int
explain(struct call *call, const struct arg *arg)
{
	const struct arg *opt = &arg[3];
	struct sl_explain *x = calloc(1, sizeof(*x));
	char text[FRAMETEXT_MAX];
	struct explained e;
	enum sl_side side;
	bool said;
	int rc;

	if (x == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	side = find_side(call, &arg[1], opt, &said);
	rc = build(call, arg, opt, side, x);
	if (rc < 0) {
		free(x);
		return rc;
	}
	explained_begin(&e, call);
	frametext(x->frame, x->len, x->len, text, sizeof(text));
	explained_step(&e, "packet", "%s", text);
	explained_step(&e, "received", "%s%s", side == SL_INSIDE ? "inside" : "outside",
		said              ? ", as was said"
		: arg[1].six      ? "; 'from outside' says otherwise"
		: opt[TENANT].set ? ", where the tenant is"
				  : ", where its source is by the routes");
	rc = ask(call, &e, x);
	explained_end(&e, rc == 0 ? x : NULL);
	if (rc < 0)
		call_fail(call, rc, "worker %u does not answer: %s", x->to, strerror(-rc));
	free(x);
	return rc;
}

/* The packet in quotes is taken apart, and all of it read again. */
static int
run_quoted(struct call *call, const struct arg *arg)
{
	const struct words *given = call->words;
	const struct statement *statement;
	struct words words;
	char line[LINE_LEN_MAX], why[1024];
	size_t n;
	struct arg again[ARGS_MAX];
	FILE *f = fmemopen(line, sizeof(line), "w");

	RTE_SET_USED(arg);
	if (f == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	fprintf(f, "explain %s", given->word[1]);
	for (unsigned int i = 2; i < given->n; i++) {
		fputc(' ', f);
		words_print(f, given->word[i]);
	}
	fclose(f);
	n = strnlen(line, sizeof(line));
	if (words_split(&words, line, n, why, sizeof(why)) < 0)
		return call_fail(call, -EINVAL, "%s", why);
	statement = grammar_match(call->grammar, call->config, &words, again, why, sizeof(why));
	if (statement == NULL)
		return call_fail(call, -EINVAL, "%s", why);
	if (statement->run != explain)
		return call_fail(call, -EINVAL, "'%s': quotes within quotes", given->word[1]);
	return explain(call, again);
}

const struct statement cli_explain_statements[] = {
	{ "explain PROTOCOL END > END " OPTIONS, explain,
		"what the box would do with a packet that came now, step by step, and which "
		"counter it would end in; changes nothing",
		ST_NOW },
	{ "explain PACKET " OPTIONS, run_quoted, "the same, with the packet in quotes", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
