/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The file of a capture. Opening and writing may take as long as they like: a thread does both,
 * control puts bytes into a list and looks how far it is. Who fills the list sees to it that it
 * does not grow without end (capfile_waiting()).
 *
 * Only regular files are written, never through a symbolic link, and readable for root alone:
 * packets are other people's. A pipe or a device is refused without being waited for.
 *
 * Either side may be the last to go: a count of two says who frees it. At the end of the program a
 * thread that still waits for its disk is left to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capfile.h"

struct piece {
	STAILQ_ENTRY(piece) next;
	void *data;
	size_t len;
};

struct capfile {
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t more;
	STAILQ_HEAD(pieces, piece) pieces;
	size_t waiting;
	enum capfile_state state;
	bool closing;
	unsigned int users;
	char why[128];
	char *path;
};

static void
put_user(struct capfile *file)
{
	bool last;

	pthread_mutex_lock(&file->lock);
	last = --file->users == 0;
	pthread_mutex_unlock(&file->lock);
	if (!last)
		return;
	while (!STAILQ_EMPTY(&file->pieces)) {
		struct piece *piece = STAILQ_FIRST(&file->pieces);

		STAILQ_REMOVE_HEAD(&file->pieces, next);
		free(piece->data);
		free(piece);
	}
	pthread_cond_destroy(&file->more);
	pthread_mutex_destroy(&file->lock);
	free(file->path);
	free(file);
}

static void
set_state(struct capfile *file, enum capfile_state state, const char *what, int error)
{
	pthread_mutex_lock(&file->lock);
	if (file->state != CAPFILE_FAILED && state == CAPFILE_FAILED)
		snprintf(file->why, sizeof(file->why), "%s%s%s", what, error != 0 ? ": " : "",
			error != 0 ? strerror(error) : "");
	if (file->state != CAPFILE_FAILED)
		file->state = state;
	pthread_mutex_unlock(&file->lock);
}

/* The descriptor, or -1 and the state says why. */
static int
open_file(struct capfile *file)
{
	/* O_NONBLOCK: nobody may ever read a pipe. */
	int fd = open(file->path,
		O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0) {
		int error = errno;

		set_state(file, CAPFILE_FAILED,
			error == ELOOP ? "is a symbolic link" : "cannot be opened",
			error == ELOOP ? 0 : error);
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		set_state(file, CAPFILE_FAILED, "is no file", 0);
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) < 0) {
		set_state(file, CAPFILE_FAILED, "cannot be emptied", errno);
		close(fd);
		return -1;
	}
	set_state(file, CAPFILE_OPEN, NULL, 0);
	return fd;
}

/* The next piece; NULL when there are no more and will be none. */
static struct piece *
take(struct capfile *file)
{
	struct piece *piece;

	pthread_mutex_lock(&file->lock);
	while (STAILQ_EMPTY(&file->pieces) && !file->closing)
		pthread_cond_wait(&file->more, &file->lock);
	piece = STAILQ_FIRST(&file->pieces);
	if (piece != NULL)
		STAILQ_REMOVE_HEAD(&file->pieces, next);
	pthread_mutex_unlock(&file->lock);
	return piece;
}

static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static void *
run(void *arg)
{
	struct capfile *file = arg;
	int fd = open_file(file), error = 0;
	struct piece *piece;

	while (fd >= 0 && error == 0 && (piece = take(file)) != NULL) {
		error = write_all(fd, piece->data, piece->len);
		pthread_mutex_lock(&file->lock);
		file->waiting -= piece->len;
		pthread_mutex_unlock(&file->lock);
		free(piece->data);
		free(piece);
	}
	if (fd >= 0 && close(fd) < 0 && error == 0)
		error = errno;
	if (fd >= 0)
		set_state(file, error != 0 ? CAPFILE_FAILED : CAPFILE_CLOSED, "cannot be written",
			error);
	put_user(file);
	return NULL;
}

struct capfile *
capfile_open(const char *path)
{
	struct capfile *file = calloc(1, sizeof(*file));
	pthread_t thread;
	int rc;

	if (file == NULL)
		return NULL;
	file->path = strdup(path);
	pthread_mutex_init(&file->lock, NULL);
	pthread_cond_init(&file->more, NULL);
	STAILQ_INIT(&file->pieces);
	file->users = 2;
	rc = file->path != NULL ? pthread_create(&thread, NULL, run, file) : ENOMEM;
	if (rc != 0) {
		file->users = 1;
		put_user(file);
		errno = rc;
		return NULL;
	}
	pthread_detach(thread);
	return file;
}

enum capfile_state
capfile_state(struct capfile *file, char *why, size_t size)
{
	enum capfile_state state;

	pthread_mutex_lock(&file->lock);
	state = file->state;
	if (state == CAPFILE_FAILED)
		snprintf(why, size, "%s", file->why);
	pthread_mutex_unlock(&file->lock);
	return state;
}

size_t
capfile_waiting(struct capfile *file)
{
	size_t waiting;

	pthread_mutex_lock(&file->lock);
	waiting = file->waiting;
	pthread_mutex_unlock(&file->lock);
	return waiting;
}

void
capfile_write(struct capfile *file, void *data, size_t len)
{
	struct piece *piece = malloc(sizeof(*piece));

	if (piece == NULL) {
		set_state(file, CAPFILE_FAILED, "out of memory", 0);
		free(data);
		return;
	}
	pthread_mutex_lock(&file->lock);
	piece->data = data;
	piece->len = len;
	file->waiting += len;
	STAILQ_INSERT_TAIL(&file->pieces, piece, next);
	pthread_cond_signal(&file->more);
	pthread_mutex_unlock(&file->lock);
}

void
capfile_close(struct capfile *file)
{
	pthread_mutex_lock(&file->lock);
	file->closing = true;
	pthread_cond_signal(&file->more);
	pthread_mutex_unlock(&file->lock);
}

void
capfile_leave(struct capfile *file)
{
	if (file == NULL)
		return;
	capfile_close(file);
	put_user(file);
}
