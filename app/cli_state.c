/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about the state that outlives a restart (statefile.c).
 *
 * `state save` answers when the file is on disk. It is a walk that does control's part of the work
 * itself, so that it also comes to an end where nobody else turns the loop.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "json.h"
#include "statefile.h"

#define NAP_US 200

static int
state_file(struct call *call, const struct arg *arg)
{
	struct sl_state_policy *p = &call->config->state;

	if (strlen(arg[0].word) + sizeof(".new") > sizeof(p->file))
		return call_fail(call, -ENAMETOOLONG, "'%s': the name is too long", arg[0].word);
	snprintf(p->file, sizeof(p->file), "%s", arg[0].word);
	return 0;
}

static int
no_state_file(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->state.file[0] = '\0';
	return 0;
}

static int
state_interval(struct call *call, const struct arg *arg)
{
	call->config->state.interval = arg[0].u;
	return 0;
}

static int
no_state_interval(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->state.interval = STATE_INTERVAL_DEFAULT;
	return 0;
}

void
state_write(const struct sl_config *config, bool all, FILE *out)
{
	const struct sl_state_policy *p = &config->state;

	if (p->file[0] != '\0') {
		fprintf(out, "state file ");
		words_print(out, p->file);
		fputc('\n', out);
	}
	if (all || p->interval != STATE_INTERVAL_DEFAULT)
		fprintf(out, "state interval %u\n", p->interval);
}

/* ---- now ---- */

struct save_walk {
	struct walk walk; /* first */
	struct box *box;
};

static int
step(struct walk *walk, FILE *out, FILE *err)
{
	struct box *box = ((struct save_walk *)walk)->box;
	struct statefile_view view;
	int rc;

	box_absorb(box);
	if (statefile_poll(box)) {
		usleep(NAP_US);
		return 1;
	}
	rc = statefile_result(box);
	if (rc < 0) {
		fprintf(err, "the state is not saved: %s\n", strerror(-rc));
		return rc;
	}
	statefile_look(box, &view);
	fprintf(out, "saved %" PRIu64 " sessions, %" PRIu64 " bytes to %s in %u + %u ms\n",
		view.sessions, view.bytes, box->config->state.file, view.gather_ms, view.write_ms);
	return 0;
}

static void
destroy(struct walk *walk)
{
	free(walk);
}

static int
state_save(struct call *call, const struct arg *arg)
{
	struct save_walk *walk;
	int rc;

	RTE_SET_USED(arg);
	rc = statefile_save(call->box);
	if (rc == -ENOENT)
		return call_fail(call, rc, "state save: there is no state file");
	if (rc == -EPERM)
		return call_fail(
			call, rc, "'%s': is no state file of sluice", call->config->state.file);
	if (rc < 0 && rc != -EBUSY) /* one under way is as good */
		return call_fail(call, rc, "state save: %s", strerror(-rc));
	walk = calloc(1, sizeof(*walk));
	if (walk == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	walk->walk = (struct walk){ .step = step, .destroy = destroy };
	walk->box = call->box;
	call->after->walk = &walk->walk;
	return 0;
}

static void
show_text(const struct call *call, const struct statefile_view *v)
{
	const struct sl_state_policy *p = &call->config->state;

	fprintf(call->out, "file            %s%s\n", p->file[0] != '\0' ? p->file : "none",
		v->barred ? ", which is no state file: nothing is saved" : "");
	if (p->interval != 0)
		fprintf(call->out, "interval        %u s\n", p->interval);
	else
		fprintf(call->out, "interval        none, at the end only\n");
	fprintf(call->out, "saves           %" PRIu64 ", %" PRIu64 " failed%s\n", v->saves,
		v->failures, v->saving ? ", one under way" : "");
	if (v->saved != 0)
		fprintf(call->out,
			"last            %" PRIu64 " s ago: %" PRIu64 " sessions, %" PRIu64
			" bytes, %u ms to gather, %u ms to write\n",
			(clock_now() - v->saved) / 1000, v->sessions, v->bytes, v->gather_ms,
			v->write_ms);
	fprintf(call->out, "restored        %" PRIu64 " sessions in %u ms, %" PRIu64 " left out\n",
		v->restored, v->restore_ms, v->left_out);
}

static int
show_state(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };
	struct statefile_view v;

	RTE_SET_USED(arg);
	statefile_look(call->box, &v);
	if (!call->json) {
		show_text(call, &v);
		return 0;
	}
	json_object(&json, NULL);
	json_text(&json, "file", call->config->state.file);
	json_number(&json, "interval", call->config->state.interval);
	json_flag(&json, "saving", v.saving);
	json_flag(&json, "barred", v.barred);
	json_number(&json, "saves", v.saves);
	json_number(&json, "failures", v.failures);
	json_number(&json, "sessions", v.sessions);
	json_number(&json, "bytes", v.bytes);
	json_number(&json, "gather_ms", v.gather_ms);
	json_number(&json, "write_ms", v.write_ms);
	json_number(&json, "restored", v.restored);
	json_number(&json, "left_out", v.left_out);
	json_number(&json, "restore_ms", v.restore_ms);
	json_object_end(&json);
	return 0;
}

const struct statement cli_state_statements[] = {
	{ "state file FILE", state_file, "keep sessions in a file, so that they outlive a restart",
		ST_CONFIG },
	{ "no state file", no_state_file, "they end with the box", ST_CONFIG },
	{ "state interval SECONDS", state_interval,
		"save them this often while the box runs, 0: at its end only", ST_CONFIG },
	{ "no state interval", no_state_interval, "back to the default", ST_CONFIG },
	{ "state save", state_save, "save them now", ST_NOW },
	{ "show state [json]", show_state, "what was saved and put back", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
