/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_FTPKIT_H
#define TEST_FTPKIT_H

#include "talk.h"

#define CLIENT "10.0.0.2:5000"
#define SERVER "198.51.100.9:21"
#define FORWARD "forward tcp 192.0.2.1:2121 > 10.0.0.3:21"
#define BASE 1000000

struct CMUnitTest;

/** A gateway with the helper on and as many workers as the test's state says; more in conf. */
struct pipe *ftp_gateway(void **state, const char *conf);

/** Its end, packets and mbufs counted. */
void ftp_finish(struct pipe *p);

/** Greeting and login, from the side that the server is on. */
void ftp_log_in(struct talk *t, enum sl_side server);

/** A control connection, logged in: CLIENT to SERVER, or by FORWARD. */
void ftp_client_inside(struct talk *t, struct pipe *p);
void ftp_server_inside(struct talk *t, struct pipe *p);

/** An end says a line that nobody may touch. */
void ftp_untouched(struct talk *t, enum sl_side from, const char *text);

/** The endpoint in the text behind `before`, as six numbers. */
struct talk_end ftp_six(const char *text, const char *before);

/** Somebody reached this inside endpoint. */
void ftp_reached(struct talk_end got, const char *want);

/** Mappings alive. */
uint64_t ftp_mappings(const struct pipe *p);

/** Run tests with 1, 2 and 3 workers. */
int ftp_run(const struct CMUnitTest *tests, size_t n);

#endif
