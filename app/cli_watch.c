/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets on their way: "trace" prints the next ones of a filter, "capture" writes them to a file
 * for Wireshark, before and after translation, with what the box did as their comment.
 *
 * Both arm a watch (lib/watch.h), one at a time for the whole box, and are walks: each step takes
 * what the workers have copied since, a slice of it, and between steps control does its other
 * work. They end when enough packets, bytes or seconds have gone by, and when whoever asked is
 * gone: then the watch is disarmed, and the file is a whole one.
 *
 * The file is written by a thread (capfile.c). When the disk is slower than the packets come, the
 * copies stay with the workers, which lose what finds no room there: it is counted and said.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capfile.h"
#include "clock.h"
#include "log.h"
#include "pcapng.h"
#include "version.h"
#include "watched.h"

#define WAIT_MS 20 /* between two looks */
#define SLICE 128 /* copies taken in one step */
#define QUIET_US 50
#define QUIET_TRIES 20000 /* a second */
#define RING_BYTES (4u << 20) /* of copies that wait, each worker */
#define SLOTS_MIN 64u
#define SLOTS_MAX 8192u
#define FILE_WAITING (8u << 20) /* bytes that wait for the disk */
#define PROGRESS_MS 1000

#define TRACE_COUNT 10
#define TRACE_KEEP 256
#define TRACE_SECONDS 3600
#define CAPTURE_COUNT 100000
#define CAPTURE_SIZE 100000000
#define CAPTURE_SECONDS 600
#define CAPTURE_KEEP 2048

/* Nine arguments. */
#define FILTER                                                                                     \
	"[proto PROTOCOL] [address INSIDE] [port PORT] [source INSIDE] [destination INSIDE] "      \
	"[from inside|outside] [tenant TENANT] [dropped]"

enum phase {
	OPENING, /* the file */
	LOOKING,
	CLOSING, /* the file */
};

struct watching {
	struct walk walk;
	struct box *box;
	struct sl_watch *watch;
	struct watched_clock clock;
	enum phase phase;
	uint64_t until, told; /* milliseconds */
	uint32_t count; /* packets wanted */
	uint64_t packets, dropped, said; /* said: packets, when progress was told */
	/* trace */
	bool json_on, begun;
	struct json json;
	/* capture */
	struct capfile *file;
	struct pcapng bytes; /* not yet given to the file */
	uint64_t size, written; /* bytes: the most, and those so far */
	uint64_t seen[2]; /* packets by side */
	uint32_t keep;
	bool full;
	char path[513];
};

static struct watching *current; /* the one there is; before its file is touched */

static void
set_end(struct sl_watch_end *end, const struct arg *arg)
{
	*end = (struct sl_watch_end){ .net = arg->net, .net6 = arg->net6, .port = arg->port };
}

static void
set_filter(struct sl_watch_filter *f, const struct arg *arg)
{
	*f = (struct sl_watch_filter){
		.proto = (uint8_t)arg[0].u,
		.has_from = arg[5].set,
		.from = (uint8_t)arg[5].u,
		.tenant = arg[6].set ? (uint16_t)(arg[6].u + 1) : 0,
		.dropped = arg[7].set,
	};
	if (f->proto == IPPROTO_ICMPV6)
		f->proto = IPPROTO_ICMP;
	set_end(&f->any[0], &arg[1]);
	f->any[1].port = rte_cpu_to_be_16((uint16_t)arg[2].u);
	set_end(&f->source, &arg[3]);
	set_end(&f->destination, &arg[4]);
}

/* ---- the end ---- */

/* A worker has let go of the watch a moment after it was disarmed. */
static void
free_watch(struct watching *w)
{
	if (w->watch == NULL)
		return;
	sl_watch_disarm(w->watch);
	for (int i = 0; !sl_watch_idle(w->watch); i++) {
		if (i == QUIET_TRIES) {
			SL_LOG(ERR, "a worker stands still, the memory of a watch is lost");
			w->watch = NULL;
			return;
		}
		usleep(QUIET_US);
	}
	sl_watch_destroy(w->watch);
	w->watch = NULL;
}

static void
give_bytes(struct watching *w)
{
	if (w->bytes.len == 0)
		return;
	w->written += w->bytes.len;
	capfile_write(w->file, w->bytes.data, w->bytes.len);
	w->bytes = (struct pcapng){ 0 };
}

/* What a capture says last of itself. */
static void
finish_file(struct watching *w)
{
	uint64_t now = watched_clock().wall;

	pcapng_statistics(&w->bytes, SL_INSIDE, now, w->seen[SL_INSIDE], sl_watch_lost(w->watch));
	pcapng_statistics(&w->bytes, SL_OUTSIDE, now, w->seen[SL_OUTSIDE], 0);
	give_bytes(w);
	capfile_close(w->file);
}

static void
destroy(struct walk *walk)
{
	struct watching *w = (struct watching *)walk;

	if (w->file != NULL && w->phase == LOOKING)
		finish_file(w);
	free_watch(w);
	capfile_leave(w->file);
	pcapng_fini(&w->bytes);
	free(w);
	current = NULL;
}

static bool
is_over(const struct watching *w)
{
	return w->packets >= w->count || clock_now() >= w->until || w->full;
}

static const char *
plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* ---- trace ---- */

static void
print_copy(struct watching *w, const struct sl_seen *s, FILE *out)
{
	if (w->json_on)
		watched_json(&w->clock, w->box->config, s, &w->json);
	else
		watched_text(&w->clock, w->box->config, s, out);
}

static bool
is_dropped(const struct sl_seen *s)
{
	return s->verdict < SL_COUNTER_COUNT && sl_counter_is_drop((enum sl_counter)s->verdict);
}

static int
trace_step(struct walk *walk, FILE *out, FILE *err)
{
	struct watching *w = (struct watching *)walk;
	const struct sl_seen *s;
	uint64_t lost;

	w->json.out = out;
	if (w->json_on && !w->begun)
		json_array(&w->json, NULL);
	w->begun = true;
	for (int i = 0; i < SLICE && (s = sl_watch_peek(w->watch)) != NULL; i++) {
		/* Its owner tells of it as well. */
		bool leads = s->kind != SL_SEEN_LEFT && s->verdict != SL_COUNTER_HANDOFF_OUT;

		if (leads && w->packets >= w->count)
			break;
		w->packets += leads;
		w->dropped += leads && is_dropped(s);
		print_copy(w, s, out);
		sl_watch_next(w->watch);
	}
	if (!is_over(w)) {
		walk->wait = WAIT_MS;
		return 1;
	}
	if (w->json_on)
		json_array_end(&w->json);
	lost = sl_watch_lost(w->watch);
	fprintf(err, "%" PRIu64 " %s, %" PRIu64 " of them dropped", w->packets,
		plural(w->packets, "packet", "packets"), w->dropped);
	if (lost > 0)
		fprintf(err, "; %" PRIu64 " copies were lost for want of room", lost);
	fputc('\n', err);
	return 0;
}

/* ---- capture ---- */

static void
put_header(struct watching *w)
{
	static const char *const name[] = { "inside", "outside" };

	pcapng_begin(&w->bytes, "sluice " SLUICE_VERSION,
		"each packet as it came to the box and as it left, with the same packet id");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		const struct pcapng_interface i = {
			.name = name[side],
			.description = w->box->port[side].name,
			.mac = w->box->port[side].mac,
			.keep = w->keep,
		};

		pcapng_interface(&w->bytes, &i);
	}
	give_bytes(w);
}

/* A copy into the file; false when that is as large as it may be. */
static bool
put_copy(struct watching *w, const struct sl_seen *s)
{
	size_t before = w->bytes.len;
	char comment[512];
	const struct pcapng_frame frame = {
		.interface = s->side,
		.leaves = s->kind != SL_SEEN_CAME,
		.when = watched_when(&w->clock, s),
		.packet = ((uint64_t)s->worker << 32 | s->number) + 1,
		.bytes = s->bytes,
		.kept = s->kept,
		.len = s->len,
		.comment = comment,
	};

	watched_comment(s, comment, sizeof(comment));
	pcapng_frame(&w->bytes, &frame);
	if (w->written + w->bytes.len <= w->size)
		return true;
	w->bytes.len = before;
	return false;
}

static void
tell_progress(struct watching *w, FILE *err)
{
	uint64_t now = clock_now();

	if (now - w->told < PROGRESS_MS || w->packets == w->said)
		return;
	w->told = now;
	w->said = w->packets;
	fprintf(err, "%" PRIu64 " packets, %" PRIu64 " of them dropped, %" PRIu64 " bytes\n",
		w->packets, w->dropped, w->written);
}

static int
fail_file(struct watching *w, const char *why, FILE *err)
{
	fprintf(err, "'%s': %s\n", w->path, why);
	return -EIO;
}

static int
begin_looking(struct watching *w, FILE *err)
{
	int rc = sl_watch_arm(w->watch);

	if (rc < 0) {
		fprintf(err, "the workers are being watched already\n");
		return rc;
	}
	w->phase = LOOKING;
	w->clock = watched_clock();
	w->until += clock_now(); /* so far it was how long */
	return 0;
}

static int
end_looking(struct watching *w)
{
	finish_file(w);
	sl_watch_disarm(w->watch);
	w->phase = CLOSING;
	w->walk.wait = 1;
	return 1;
}

static int
take_copies(struct watching *w)
{
	const struct sl_seen *s;
	int n = 0;

	while (n < SLICE && !w->full && capfile_waiting(w->file) < FILE_WAITING &&
		(s = sl_watch_peek(w->watch)) != NULL) {
		bool leads = s->kind != SL_SEEN_LEFT;

		if (leads && w->packets >= w->count)
			break;
		/* Its owner has it as well: once is enough. */
		if (s->verdict == SL_COUNTER_HANDOFF_OUT) {
			sl_watch_next(w->watch);
			n++;
			continue;
		}
		w->full = !put_copy(w, s);
		if (w->full)
			break;
		w->packets += leads;
		w->seen[s->side] += s->kind == SL_SEEN_CAME;
		w->dropped += leads && is_dropped(s);
		sl_watch_next(w->watch);
		n++;
	}
	if (w->bytes.lost)
		w->full = true;
	give_bytes(w);
	return n;
}

static void
tell_end(struct watching *w, FILE *out)
{
	uint64_t lost = sl_watch_lost(w->watch);

	fprintf(out, "%s: %" PRIu64 " %s, %" PRIu64 " of them dropped, %" PRIu64 " bytes%s",
		w->path, w->packets, plural(w->packets, "packet", "packets"), w->dropped,
		w->written, w->full ? "; it is as large as it may be" : "");
	if (lost > 0)
		fprintf(out, "; %" PRIu64 " copies were lost for want of room", lost);
	fputc('\n', out);
}

static int
capture_step(struct walk *walk, FILE *out, FILE *err)
{
	struct watching *w = (struct watching *)walk;
	char why[160];
	enum capfile_state state = capfile_state(w->file, why, sizeof(why));
	int rc;

	if (state == CAPFILE_FAILED)
		return fail_file(w, why, err);
	walk->wait = WAIT_MS;
	switch (w->phase) {
	case OPENING:
		if (state == CAPFILE_OPENING)
			return 1;
		rc = begin_looking(w, err);
		if (rc < 0)
			return rc;
		put_header(w);
		fprintf(err, "capturing to %s\n", w->path);
		return 1;
	case LOOKING:
		if (take_copies(w) == SLICE)
			walk->wait = 1;
		tell_progress(w, err);
		return is_over(w) ? end_looking(w) : 1;
	case CLOSING:
		if (state != CAPFILE_CLOSED)
			return 1;
		tell_end(w, out);
		return 0;
	}
	return 0;
}

/* ---- the statements ---- */

static uint32_t
slots_for(uint32_t keep)
{
	uint32_t n = RING_BYTES / (keep + (uint32_t)sizeof(struct sl_seen));

	return RTE_MAX(SLOTS_MIN, RTE_MIN(SLOTS_MAX, rte_align32prevpow2(n)));
}

static struct watching *
begin(struct call *call, const struct sl_watch_filter *filter, uint32_t keep)
{
	struct watching *w;

	if (current != NULL) {
		call_fail(call, -EBUSY,
			"a trace or capture is under way already; there is one at a time");
		return NULL;
	}
	w = calloc(1, sizeof(*w));
	if (w == NULL) {
		call_fail(call, -ENOMEM, "out of memory");
		return NULL;
	}
	w->box = call->box;
	w->keep = keep;
	w->json_on = call->json;
	w->walk.destroy = destroy;
	w->watch = sl_watch_create(call->box->nat, filter, keep, slots_for(keep));
	if (w->watch == NULL) {
		call_fail(call, -ENOMEM, "no memory for copies; keep fewer bytes of each packet");
		free(w);
		return NULL;
	}
	current = w;
	return w;
}

static int
trace(struct call *call, const struct arg *arg)
{
	struct sl_watch_filter filter;
	struct watching *w;
	int rc;

	set_filter(&filter, &arg[0]);
	w = begin(call, &filter, TRACE_KEEP);
	if (w == NULL)
		return -EBUSY;
	w->walk.step = trace_step;
	w->count = arg[8].set ? arg[8].u : TRACE_COUNT;
	w->until = (arg[9].set ? arg[9].u : TRACE_SECONDS) * UINT64_C(1000);
	rc = begin_looking(w, call->err);
	if (rc < 0) {
		destroy(&w->walk);
		return rc;
	}
	call->after->walk = &w->walk;
	return 0;
}

static int
capture(struct call *call, const struct arg *arg)
{
	struct sl_watch_filter filter;
	struct watching *w;

	if (arg[0].word[0] != '/')
		return call_fail(call, -EINVAL,
			"'%s': expected a name that begins with '/': the box writes the file",
			arg[0].word);
	set_filter(&filter, &arg[1]);
	w = begin(call, &filter, arg[12].set ? arg[12].u : CAPTURE_KEEP);
	if (w == NULL)
		return -EBUSY;
	w->walk.step = capture_step;
	snprintf(w->path, sizeof(w->path), "%s", arg[0].word);
	w->count = arg[9].set ? arg[9].u : CAPTURE_COUNT;
	w->size = arg[10].set ? arg[10].u : CAPTURE_SIZE;
	w->until = (arg[11].set ? arg[11].u : CAPTURE_SECONDS) * UINT64_C(1000);
	w->file = capfile_open(w->path);
	if (w->file == NULL) {
		int rc = -errno;

		destroy(&w->walk);
		return call_fail(call, rc, "'%s': %s", arg[0].word, strerror(-rc));
	}
	call->after->walk = &w->walk;
	return 0;
}

const struct statement cli_watch_statements[] = {
	{ "trace " FILTER " [count PACKETS] [seconds FOR] [json]", trace,
		"the next packets that fit (10), each with every stage of its way and as it "
		"leaves; addresses fit before and after translation",
		ST_NOW },
	{ "capture FILE " FILTER " [count PACKETS] [size SIZE] [seconds FOR] [keep KEEP]", capture,
		"write packets that fit to a pcapng file, as they come and as they leave, those "
		"dropped with the reason as comment; at most 100000 packets, 100 MB, 600 seconds",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
