/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CAPFILE_H
#define CAPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A file that is written by a thread of its own, so that a slow disk keeps nobody. */
struct capfile;

/** How far it is. */
enum capfile_state {
	CAPFILE_OPENING,
	CAPFILE_OPEN,
	CAPFILE_FAILED, /**< could not be opened or written */
	CAPFILE_CLOSED, /**< all is written */
};

/**
 * Begin to open a file, which is written over.
 * @return NULL with errno
 */
struct capfile *capfile_open(const char *path);

/** Where it is; with CAPFILE_FAILED, why: a sentence without the name. */
enum capfile_state capfile_state(struct capfile *file, char *why, size_t size);

/** Bytes that wait for the disk. */
size_t capfile_waiting(struct capfile *file);

/** Have bytes written that were malloc()ed; takes them. */
void capfile_write(struct capfile *file, void *data, size_t len);

/** Nothing more comes: CAPFILE_CLOSED will follow, or CAPFILE_FAILED. */
void capfile_close(struct capfile *file);

/** Nobody asks any more: what was given is still written, then all of it is freed. NULL is fine. */
void capfile_leave(struct capfile *file);

#endif /* CAPFILE_H */
