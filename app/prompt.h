/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROMPT_H
#define PROMPT_H

struct box;

/**
 * Read statements from stdin through box->loop: with editing, history and completion
 * on a terminal, line by line from anything else. One prompt a process.
 * @return 0 or -errno, logged
 */
int prompt_create(struct box *box);

/** Stop reading and give the terminal back as it was. Does nothing without prompt_create(). */
void prompt_destroy(void);

#endif /* PROMPT_H */
