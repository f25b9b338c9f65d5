/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_TABLE_H
#define TEST_TABLE_H

#include "foretell.h"

/** Where a packet comes from or goes to. */
enum row_side {
	NONE, /**< nothing comes out; as `in` it ends the rows */
	IN, /**< the inside port */
	OUT, /**< the outside port */
	PUNT, /**< control */
	DO, /**< no packet but a command, see tabledo.c */
	ANY, /**< whatever comes out is not looked at */
};

/**
 * One step of a case. `packet` and `expect` may hold several packets, divided by " + ":
 * those that come in are one burst, those that come out may begin with @in, @out or @punt
 * when they do not all go the same way. "@k " before the packet names the worker (modulo
 * their number) that receives it; otherwise workers take turns.
 * `counter` names the counters that must move, "drop_ttl icmp_made=2"; a drop counter that
 * is not named must stand still.
 */
struct row {
	uint64_t when; /**< milliseconds since the case began */
	enum row_side in;
	const char *packet;
	enum row_side out;
	const char *expect;
	const char *counter;
};

#define ROWS(...)                                                                                  \
	(const struct row[])                                                                       \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			0, NONE, NULL, NONE, NULL, NULL                                            \
		}                                                                                  \
	}

/** One case: a situation and an outcome. */
struct table_case {
	const char *name;
	const char *conf; /**< statements as in conf.c */
	const struct row *row;
};

/** All cases about one subject, a file of tests/cases. */
struct table_suite {
	const char *name;
	const struct table_case *c;
	unsigned int n;
};

extern const struct table_suite *const table_suites[]; /**< suites.c */
extern const unsigned int table_n_suites;

#define SUITE(subject, cases)                                                                      \
	const struct table_suite suite_##subject = { #subject, cases,                              \
		sizeof(cases) / sizeof(cases[0]) }

#define RUN_RECORDS_MAX 4096

struct pt_tokens;

/** A case that runs: one number of workers, one worker to begin with. */
struct run {
	const struct table_case *c;
	struct pipe *p;
	struct pt_names names;
	unsigned int first; /**< worker that gets the first packet */
	unsigned int turn;
	bool poll_first; /**< poll after the clock was moved and before the packet */
	bool failed;
	bool told; /**< of the one packet of this row, before it was received */
	struct sl_explain explain;
	unsigned int n_records; /**< taken by the commands "records" so far */
	struct sl_record record[RUN_RECORDS_MAX];
};

/** Run a case with 1, 2 and 3 workers and every worker first; fails the cmocka test. */
void table_run(const struct table_case *c);

/** Packets of rows come in two segments, the first of so many bytes; 0: in one. */
extern unsigned int table_split;

/** The parts of a run for those who do something else with it: begin, each row, end. */
void table_begin(struct run *r, const struct table_case *c, unsigned int n_workers,
	unsigned int first, unsigned int number);
void table_row(struct run *r, const struct row *row);
void table_end(struct run *r);

/** Tell of a failure in a row; the run ends after it. */
void run_fail(struct run *r, const struct row *row, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Carry out the command of a row. */
void table_do(struct run *r, const struct row *row);

/** Carry out the command "map", see tablemap.c. */
void table_map(struct run *r, const struct row *row, const struct pt_tokens *t);

/** The selection that tokens from number `from` on say, see tableselect.c. */
struct sl_select table_select(const struct pt_tokens *t, unsigned int from);

/** Hold a subscriber against the checks of a row. */
void table_check_subscriber(struct run *r, const struct row *row, const struct pt_tokens *t,
	const struct sl_subscriber *s);

/** Carry out the commands "blocks", "use" and "listen"; false when it is another one. */
bool table_look(struct run *r, const struct row *row, const struct pt_tokens *t);

/** Build the packets of a text and let a worker receive them as one burst. */
void table_receive(struct run *r, const struct row *row, enum sl_side side, const char *text);

/** The next part of a text divided by " + "; false at its end. */
bool table_part(const char **text, char *part, size_t size);

#endif
