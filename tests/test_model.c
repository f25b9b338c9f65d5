/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The gateway against its reference model (tests/model/): random packets, clock steps and
 * configurations, each step of both compared in all that can be seen.
 *
 *	test_model                            a short game of each mode with 1, 2 and 3 workers
 *	test_model [--mode M] [--workers N] [--seed S] [--steps N] [--seconds N] [--until STEP]
 *
 * M is ei, ed, fixed, blocks or nat64. A game is repeated by mode, workers and seed; with
 * --seconds new seeds follow until the time is over. A divergence says seed, step and the
 * shortest history that was found to show it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "model/drive.h"

#define SHORT_STEPS 20000
#define GAME_STEPS 50000 /* then another configuration and seed */
#define KEEP 65536 /* steps that a history can have */
#define COMPARE_EVERY 500
#define TRIES 600 /* games played to shorten a history */

static struct {
	int mode; /* -1: all */
	unsigned int workers; /* 0: 1, 2 and 3 */
	uint64_t seed, steps, until, seconds;
	uint64_t checked[M_PROPERTIES], done;
} o = { .mode = -1, .seed = 1, .steps = SHORT_STEPS, .until = UINT64_MAX };

static struct play_step kept[KEEP];

static void
show_frame(const struct play_frames *f, unsigned int i)
{
	printf("    %s ", f->side == SL_INSIDE ? "inside " : "outside");
	for (unsigned int k = 0; k < f->len[i] && k < 120; k++)
		printf("%02x%s", f->b[i][k], k == 13 ? " " : "");
	printf("\n");
}

static void
show_step(const struct drive *d, const struct play_step *s)
{
	printf("  step %lu: +%lu ms, %s, worker %u%s\n", s->number, s->wait, play_name[s->kind],
		s->worker, s->polls ? ", polled before" : "");
	if (s->kind == PLAY_CONF) {
		char text[2048];

		play_conf_text(&d->m->c, text, sizeof(text));
		printf("    %s\n", text);
	}
	for (unsigned int i = 0; i < d->frame.n; i++)
		show_frame(&d->frame, i);
}

/* Play these steps from the beginning; true when they show a divergence. */
static bool
diverges(int mode, unsigned int workers, uint64_t seed, const struct play_step *step,
	unsigned int n, bool show)
{
	struct drive *d = drive_create((enum play_mode)mode, workers, seed);
	bool same = true;

	for (unsigned int i = 0; i < n && same; i++) {
		struct play_step s = step[i];

		same = drive_step(d, &s);
		if (show)
			show_step(d, &s);
	}
	if (same)
		same = drive_compare(d);
	if (show) {
		printf("  -> %s\n", d->why);
		drive_show(d);
	}
	drive_destroy(d);
	return !same;
}

/* Leave out what is not needed, half of it, a quarter, ... */
static unsigned int
shorten(int mode, unsigned int workers, uint64_t seed, struct play_step *step, unsigned int n)
{
	struct play_step *less = malloc(n * sizeof(*less));
	unsigned int tries = 0;

	assert_non_null(less);
	for (unsigned int size = n / 2; size > 0 && tries < TRIES; size /= 2) {
		for (unsigned int at = 0; at < n && tries < TRIES;) {
			unsigned int cut = RTE_MIN(size, n - at);

			memcpy(less, step, at * sizeof(*step));
			memcpy(less + at, step + at + cut, (n - at - cut) * sizeof(*step));
			tries++;
			if (!diverges(mode, workers, seed, less, n - cut, false)) {
				at += cut;
				continue;
			}
			n -= cut;
			memcpy(step, less, n * sizeof(*step));
		}
	}
	free(less);
	return n;
}

static void
report(struct drive *d, uint64_t seed, uint64_t at)
{
	unsigned int n = (unsigned int)RTE_MIN(at, (uint64_t)KEEP);
	struct play_step *step = malloc(n * sizeof(*step));

	assert_non_null(step);
	printf("divergence: mode %s, %u workers, seed %lu, step %lu: %s\n", play_mode_name[d->mode],
		d->workers, seed, at, d->why);
	printf("again: test_model --mode %s --workers %u --seed %lu --until %lu\n",
		play_mode_name[d->mode], d->workers, seed, at);
	drive_show(d);
	for (unsigned int i = 0; i < n; i++)
		step[i] = kept[(at - n + i) % KEEP];
	if (diverges((int)d->mode, d->workers, seed, step, n, false)) {
		n = shorten((int)d->mode, d->workers, seed, step, n);
		printf("shortest history found, %u steps:\n", n);
		diverges((int)d->mode, d->workers, seed, step, n, true);
	} else {
		printf("it needs all of its history; the last packet:\n");
		show_step(d, &kept[(at - 1) % KEEP]);
	}
	free(step);
}

/* One game; false when it ended in a divergence. */
static bool
play(enum play_mode mode, unsigned int workers, uint64_t seed, uint64_t steps)
{
	struct drive *d = drive_create(mode, workers, seed);
	uint64_t state = seed * 77 + 5, at = 0;
	bool same = true;

	while (same && at < steps && at < o.until) {
		struct play_step *s = &kept[at % KEEP];

		*s = play_step(&state, at + 1, workers);
		same = drive_step(d, s);
		at++;
		if (same && at % COMPARE_EVERY == 0)
			same = drive_compare(d);
	}
	if (same)
		same = drive_end(d);
	o.done += at;
	for (unsigned int i = 0; i < M_PROPERTIES; i++)
		o.checked[i] += d->m->checked[i];
	if (!same)
		report(d, seed, at);
	drive_destroy(d);
	return same;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
play_all(enum play_mode mode, unsigned int workers)
{
	double began = now(), took;
	uint64_t seed = o.seed, left = o.steps;

	memset(o.checked, 0, sizeof(o.checked));
	o.done = 0;
	for (; o.seconds > 0 ? now() - began < (double)o.seconds : left > 0; seed++) {
		uint64_t n = o.seconds > 0 || left > GAME_STEPS ? GAME_STEPS : left;

		if (!play(mode, workers, seed, n))
			fail_msg("the gateway and its model differ");
		left -= RTE_MIN(left, n);
	}
	took = now() - began;
	printf("%s, %u workers, seeds %lu to %lu: %lu steps in %.1f s, %.0f a second\n",
		play_mode_name[mode], workers, o.seed, seed - 1, o.done, took,
		(double)o.done / took);
	for (unsigned int i = 0; i < M_PROPERTIES; i++) {
		printf("  property %-20s held %lu times\n", model_property[i], o.checked[i]);
		if (o.done >= SHORT_STEPS)
			assert_true(o.checked[i] > 0);
	}
}

static void
game(void **state)
{
	unsigned int n = *(const unsigned int *)*state;

	play_all((enum play_mode)(n / 3), n % 3 + 1);
}

static void
read_arguments(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t n = strtoull(argv[i + 1], NULL, 0);

		if (strcmp(argv[i], "--mode") == 0) {
			for (o.mode = 0; o.mode < PLAY_MODES - 1; o.mode++)
				if (strcmp(argv[i + 1], play_mode_name[o.mode]) == 0)
					break;
		} else if (strcmp(argv[i], "--workers") == 0)
			o.workers = (unsigned int)n;
		else if (strcmp(argv[i], "--seed") == 0)
			o.seed = n;
		else if (strcmp(argv[i], "--steps") == 0)
			o.steps = n;
		else if (strcmp(argv[i], "--seconds") == 0)
			o.seconds = n;
		else if (strcmp(argv[i], "--until") == 0)
			o.steps = o.until = n;
	}
}

int
main(int argc, char **argv)
{
	static unsigned int number[PLAY_MODES * 3];
	static char name[PLAY_MODES * 3][64];
	struct CMUnitTest tests[PLAY_MODES * 3];
	unsigned int n = 0;

	read_arguments(argc, argv);
	for (unsigned int i = 0; i < PLAY_MODES * 3; i++) {
		if ((o.mode >= 0 && (int)(i / 3) != o.mode) ||
			(o.workers != 0 && i % 3 + 1 != o.workers))
			continue;
		number[n] = i;
		snprintf(name[n], sizeof(name[n]), "%s_with_%u_workers_is_as_its_model",
			play_mode_name[i / 3], i % 3 + 1);
		tests[n] = (struct CMUnitTest){
			.name = name[n], .test_func = game, .initial_state = &number[n]
		};
		n++;
	}
	return _cmocka_run_group_tests("model", tests, n, pipe_setup, NULL);
}
