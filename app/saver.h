/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SAVER_H
#define SAVER_H

#include <pthread.h>
#include <stdbool.h>

#include "image.h"
#include "sluice.h"

/** A file that is being written while control goes on; embedded, zeroed at first. */
struct saver {
	char path[SL_LEASE_FILE_MAX];
	struct image image;
	pthread_t thread;
	bool busy; /**< control's: it was begun and its end not taken */
	bool done; /**< release/acquire: the thread has nothing more to say than: */
	int rc;
};

/** Begin to write an image, which is taken over, to a file that it replaces; 0 or -errno. */
int saver_begin(struct saver *saver, const char *path, struct image *image);

/** True once when it has ended (wait: after it has); *rc is 0 or -errno. */
bool saver_ended(struct saver *saver, bool wait, int *rc);

/** The same at once. */
int saver_write(const char *path, const struct image *image);

#endif /* SAVER_H */
