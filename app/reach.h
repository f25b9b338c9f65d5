/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REACH_H
#define REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define REACH_MAX ((size_t)4 << 20) /**< bytes of statements in one request */

/** Connect to a box's socket; a descriptor, or -1 with a message. */
int reach_connect(const char *path);

/** Send a request; name is what messages call the text. */
bool reach_send(int fd, const char *flags, const char *name, const char *text, size_t len);

/** Print an answer to its end; its status, or -1 when it broke off. */
int reach_answer(FILE *from);

/** Both. from reads what fd receives. */
int reach_ask(
	int fd, FILE *from, const char *flags, const char *name, const char *text, size_t len);

#endif /* REACH_H */
