/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Writes the state file without keeping control: a disk may take seconds to say that it has it,
 * and meanwhile ARP and helpers want to be served. A thread of its own writes beside the file,
 * waits for the disk, and renames, so that at any moment the file is an old one or a new one, also
 * when the power fails. There is one such thread at a time; it touches its image and path only,
 * which nobody else does until it has said `done`.
 *
 * The name beside is always the same: what a process that was killed has left is written over.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "saver.h"

#define PIECE ((size_t)8 << 20)

static int
write_all(int fd, const struct image *image)
{
	for (size_t at = 0; at < image->len;) {
		size_t left = image->len - at;
		ssize_t n = write(fd, image->data + at, left < PIECE ? left : PIECE);

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* A rename is on disk when its directory is. */
static void
sync_directory(const char *path)
{
	char copy[SL_LEASE_FILE_MAX];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int
saver_write(const char *path, const struct image *image)
{
	char temp[SL_LEASE_FILE_MAX + 8];
	struct stat st;
	int fd, rc;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return -EINVAL;
	snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	rc = write_all(fd, image);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(temp, path) < 0)
		rc = -errno;
	if (rc < 0)
		unlink(temp);
	else
		sync_directory(path);
	return rc;
}

static void *
run(void *arg)
{
	struct saver *saver = arg;

	saver->rc = saver_write(saver->path, &saver->image);
	__atomic_store_n(&saver->done, true, __ATOMIC_RELEASE);
	return NULL;
}

int
saver_begin(struct saver *saver, const char *path, struct image *image)
{
	int rc;

	snprintf(saver->path, sizeof(saver->path), "%s", path);
	saver->image = *image;
	saver->done = false;
	rc = pthread_create(&saver->thread, NULL, run, saver);
	if (rc != 0)
		return -rc;
	saver->busy = true;
	*image = (struct image){ 0 };
	return 0;
}

bool
saver_ended(struct saver *saver, bool wait, int *rc)
{
	if (!saver->busy || (!wait && !__atomic_load_n(&saver->done, __ATOMIC_ACQUIRE)))
		return false;
	pthread_join(saver->thread, NULL);
	*rc = saver->rc;
	saver->busy = false;
	image_free(&saver->image);
	return true;
}
